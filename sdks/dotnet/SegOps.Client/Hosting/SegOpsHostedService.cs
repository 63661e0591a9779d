using Microsoft.Extensions.Hosting;

namespace SegOps.Client.Hosting;

/// <summary>Shuts the client down when every other service of the host has stopped, so that their last events are sent too.</summary>
internal sealed class SegOpsHostedService(ISegOpsClient client) : IHostedLifecycleService
{
    public Task StoppedAsync(CancellationToken cancellationToken) => client.ShutdownAsync(cancellationToken: cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
