using System.Text.Json.Nodes;

namespace SegOps.Conformance.Sdks;

/// <summary>An SDK and how its driver is started.</summary>
/// <param name="Name">The name in drivers.json.</param>
/// <param name="Command">The program.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record Sdk(string Name, string Command, params IReadOnlyList<string> Arguments)
{
    /// <summary>Whether it keeps events on the disk.</summary>
    public bool Persists { get; init; }

    /// <summary>A file without which it cannot run; null if there is none.</summary>
    public string? Toolchain { get; init; }

    /// <summary>Names the folder that holds the SDKs, if it is not the <c>sdks</c> above the runner.</summary>
    private const string RootVariable = "SEGOPS_SDKS_ROOT";

    /// <summary>Names the SDKs to run, with commas; all by default.</summary>
    private const string SelectionVariable = "SEGOPS_CONFORMANCE_SDKS";

    /// <summary>The folder that holds the SDKs.</summary>
    public static string Root { get; } = Environment.GetEnvironmentVariable(RootVariable) ?? Above(new DirectoryInfo(AppContext.BaseDirectory));

    /// <summary>The SDKs of drivers.json.</summary>
    public static IReadOnlyList<Sdk> All { get; } = Read();

    /// <summary>Those that this run is for.</summary>
    public static IReadOnlyList<Sdk> Selected { get; } = Selection.Of(SelectionVariable, All, sdk => sdk.Name);

    public static Sdk Of(string name) => All.Single(sdk => sdk.Name == name);

    public override string ToString() => Name;

    private static List<Sdk> Read()
    {
        return
        [
            .. JsonNode.Parse(Resources.Read("drivers.json"))!["drivers"]!.AsArray()
                .Select(driver => new Sdk((string)driver!["sdk"]!, Path.GetFullPath(Path.Combine(Root, "conformance", (string)driver["command"]!)))
                {
                    Persists = (bool?)driver["persists"] ?? false,
                    Toolchain = driver["toolchain"] is { } toolchain ? Path.Combine(Folder(toolchain), (string)toolchain["file"]!) : null,
                }),
        ];
    }

    private static string Folder(JsonNode toolchain) => Environment.GetEnvironmentVariable((string)toolchain["variable"]!)
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), (string)toolchain["folderBelowHome"]!);

    private static string Above(DirectoryInfo? folder) => folder switch
    {
        null => throw new InvalidOperationException($"The folder of the SDKs is not above the runner. Name it by {RootVariable}."),
        _ when File.Exists(Path.Combine(folder.FullName, "sdks", "conformance", "drivers.json")) => Path.Combine(folder.FullName, "sdks"),
        _ => Above(folder.Parent),
    };
}
