using Microsoft.Extensions.Diagnostics.HealthChecks;
using SegOps.PubSub.Publishing;
using SegOps.PubSub.Topology;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Fixtures.Servers;

namespace SegOps.Tests.Integration.PubSub;

public sealed class EmulatorRestartTests
{
    [Fact]
    public async Task PublisherAndSubscriber_EmulatorKilledAndRestarted_WorkAgain()
    {
        await using var emulator = await PubSubEmulator.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var host = new PubSubHost(emulator.ConnectionString, ["Subscriber:ReconnectMaxDelay=00:00:01"]);
        await using var reader = new Reader(host);
        await host.PublishAsync("before").Patiently();
        Assert.Single(await reader.TakeAsync(1)).Ack();

        emulator.Server.Child.Kill();
        await emulator.Server.Child.Exited.Patiently();
        var failure = await Assert.ThrowsAsync<PublishException>(() => host.PublishAsync("away").Patiently());
        await emulator.Server.StartAsync(TestContext.Current.CancellationToken);
        await PublishedAsync(host, "after");

        Assert.True(failure.IsTransient);
        Assert.Equal("after", PubSubHost.Text(Assert.Single(await reader.TakeAsync(1))));
    }

    [Fact]
    public async Task CheckAsync_EmulatorKilledAndRestarted_IsUnhealthyInBetween()
    {
        await using var emulator = await PubSubEmulator.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var host = new PubSubHost(emulator.ConnectionString, ["ProbeSlow=00:00:30", "ProbeDeadline=00:00:30"]);

        var before = await host.Probe.CheckAsync(TestContext.Current.CancellationToken).Patiently();
        emulator.Server.Child.Kill();
        await emulator.Server.Child.Exited.Patiently();
        await host.UntilHealthIsAsync(HealthStatus.Unhealthy);
        await emulator.Server.StartAsync(TestContext.Current.CancellationToken);
        await host.UntilHealthIsAsync(HealthStatus.Healthy);

        Assert.Equal(new EventStreamState(HealthStatus.Healthy, null), before);
    }

    /// <summary>It keeps even what was acked. The app host starts it anew when it ends; hanging, it would answer nobody any more.</summary>
    [Fact]
    public async Task Emulator_ItsHeapIsFull_Ends()
    {
        await using var emulator = await PubSubEmulator.StartAsync(heapMegabytes: 64, cancellationToken: TestContext.Current.CancellationToken);
        await using var host = new PubSubHost(emulator.ConnectionString, ["Publisher:MessageDeadline=00:00:05"]);
        var megabyte = new string('a', 1_000_000);

        for (var sent = 0; sent < 100 && !emulator.Server.Child.Exited.IsCompleted; sent++)
            await Record.ExceptionAsync(() => host.PublishAsync(megabyte).Patiently());

        Assert.NotEqual(0, await emulator.Server.Child.Exited.Patiently());
    }

    // As a client of the HTTP API does after a 503.
    private static async Task PublishedAsync(PubSubHost host, string text)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await host.PublishAsync(text).Patiently();
                return;
            }
            catch (PublishException failure) when (failure.IsTransient && attempt < 10)
            {
                // Again.
            }
        }
    }
}
