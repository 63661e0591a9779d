using SegOps.Tests.Fixtures.Servers;

[assembly: AssemblyFixture(typeof(SegOps.Tests.Fixtures.PubSubEmulatorFixture))]

namespace SegOps.Tests.Fixtures;

/// <summary>One Pub/Sub emulator for the whole run, started when first asked for; SEGOPS_TEST_PUBSUB names a server to use instead.</summary>
public sealed class PubSubEmulatorFixture : IAsyncDisposable
{
    private readonly LazyStart<PubSubEmulator> _emulator = new(() => PubSubEmulator.StartAsync());

    /// <summary>A connection string for a Pub/Sub project that no other test uses.</summary>
    public async Task<string> NewProjectAsync()
    {
        var projectId = Unique.Name("test-");
        return Environment.GetEnvironmentVariable("SEGOPS_TEST_PUBSUB") is { Length: > 0 } server
            ? $"{server};ProjectId={projectId}"
            : (await _emulator.GetAsync()).ConnectionStringFor(projectId);
    }

    public ValueTask DisposeAsync() => _emulator.DisposeAsync();
}
