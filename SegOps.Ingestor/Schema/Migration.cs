using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SegOps.Ingestor.Schema;

/// <summary>A numbered step of the schema: one idempotent SQL statement with names relative to the database.</summary>
/// <param name="Version">The number at the start of the file's name.</param>
/// <param name="Name">The file's name without its extension.</param>
/// <param name="Sql">The statement.</param>
internal sealed record Migration(uint Version, string Name, string Sql)
{
    private const string Folder = "Schema/";

    /// <summary>All migrations of this build, in order.</summary>
    public static IReadOnlyList<Migration> All { get; } = [.. Load().OrderBy(migration => migration.Version)];

    /// <summary>SHA-256 of the statement, lower-case hexadecimal. It detects that an applied file was edited.</summary>
    public string Checksum => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql)));

    private static IEnumerable<Migration> Load()
    {
        var assembly = typeof(Migration).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
            var name = Path.GetFileNameWithoutExtension(resource[Folder.Length..]);
            yield return new Migration(
                uint.Parse(name.Split('_')[0], CultureInfo.InvariantCulture), name, reader.ReadToEnd().ReplaceLineEndings("\n").Trim());
        }
    }
}

/// <summary>ClickHouse is too old. It works once it is upgraded.</summary>
internal sealed class UnsupportedVersionException(string message) : Exception(message);

/// <summary>The database's schema differs from the one that this build expects. An operator must repair it.</summary>
internal sealed class SchemaMismatchException(string message) : Exception(message);
