namespace SegOps.Standalone.CommandLine;

/// <summary>What the command line says.</summary>
internal sealed record StandaloneSettings(
    string DataDirectory, int Port, bool Fresh, bool Verbose, string? Redis, string? ClickHouse, string? PubSub);
