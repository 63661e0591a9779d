using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace SegOps.Conformance.Reference;

/// <summary>
/// The events on the disk. Each process appends to a file of its own, which it locks: a line for each event, with its checksum, and a line for each event
/// that is decided. What it finds in the files of processes that are gone, it takes over.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Reliability", "CA1001", Justification = "It lives as long as its process.")]
internal sealed class ReferenceDisk
{
    private readonly FileStream _file;
    private readonly Fault _faults;
    private readonly Action<string> _onError;
    private bool _hasFailed;

    public ReferenceDisk(string directory, Fault faults, Action<string> onError)
    {
        (_faults, _onError) = (faults, onError);
        AppContext.SetSwitch("System.IO.DisableFileLocking", faults.HasFlag(Fault.TakesLockedFiles));
        Directory.CreateDirectory(directory);
        _file = new(Path.Combine(directory, $"{Guid.CreateVersion7()}.jsonl"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        foreach (var other in Directory.EnumerateFiles(directory, "*.jsonl").Where(other => other != _file.Name).Order(StringComparer.Ordinal))
            Adopt(other);
    }

    /// <summary>What other processes left.</summary>
    public List<ReferenceEvent> Orphans { get; } = [];

    public void Add(ReferenceEvent each)
    {
        if (!_faults.HasFlag(Fault.NeverPersists))
            Write(Line(each.Bytes));
    }

    public void Decide(IEnumerable<ReferenceEvent> decided)
    {
        foreach (var each in decided)
            Write($"-{each.Id}\n");
    }

    private static string Line(byte[] json) => $"{Checksum(json)} {Encoding.UTF8.GetString(json)}\n";

    private static string Checksum(byte[] json) => Convert.ToHexString(SHA256.HashData(json))[..8];

    private void Adopt(string other)
    {
        try
        {
            using var file = new FileStream(other, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            using var reader = new StreamReader(file);
            var found = new Dictionary<string, ReferenceEvent>();
            while (reader.ReadLine() is { } line)
            {
                if (line.StartsWith('-'))
                    found.Remove(line[1..]);
                else if (Read(line) is { } each)
                    found[each.Id] = each;
            }

            foreach (var each in found.Values)
            {
                Add(each);
                Orphans.Add(each);
            }

            File.Delete(other);
        }
        catch (IOException)
        {
            // Its process is running.
        }
    }

    private ReferenceEvent? Read(string line)
    {
        var json = line.Length > 9 ? Encoding.UTF8.GetBytes(line[9..]) : [];
        if (!line.StartsWith(Checksum(json) + " ", StringComparison.Ordinal))
            return _faults.HasFlag(Fault.DiesOfTornFiles) ? throw new InvalidDataException("The file is torn.") : null;
        using var document = JsonDocument.Parse(json);
        return new()
        {
            Id = document.RootElement.GetProperty("event_id").GetString()!,
            Type = document.RootElement.GetProperty("event_type").GetString()!,
            Bytes = json,
        };
    }

    private void Write(string line)
    {
        try
        {
            _file.Write(Encoding.UTF8.GetBytes(line));
        }
        catch (IOException) when (!_faults.HasFlag(Fault.DiesOfFullDisks))
        {
            if (!_hasFailed)
                _onError("Events are kept in memory only, because the disk cannot be written.");
            _hasFailed = true;
        }
    }
}
