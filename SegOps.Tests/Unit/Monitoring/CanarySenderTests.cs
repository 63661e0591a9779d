using System.Diagnostics.Metrics;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SegOps.InternalApi;
using SegOps.Monitoring.Freshness;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Unit.Monitoring;

public sealed class CanarySenderTests
{
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());

    /// <summary>HttpClient throws a bare SocketException where a connection is reset just after it was made; a service that fails ends the process.</summary>
    [Fact]
    public async Task Send_ConnectionIsResetAtOnce_GoesOn()
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var options = Options.Create(new CanaryOptions());
        var connection = new ResetConnection();
        using var sender = new CanarySender(
            new Canaries(options, _clock, services.GetRequiredService<IMeterFactory>()), connection, options,
            Options.Create(new InternalCallOptions { Secret = new string('s', 32) }), _clock, NullLogger<CanarySender>.Instance);

        await sender.StartAsync(TestContext.Current.CancellationToken);

        await Eventually.TrueAsync(
            () =>
            {
                _clock.Advance(options.Value.Interval);
                return connection.Attempts >= 3 || sender.ExecuteTask!.IsCompleted;
            },
            () => $"{connection.Attempts} canaries were sent");
        Assert.False(sender.ExecuteTask!.IsFaulted, $"{sender.ExecuteTask.Exception}");
    }

    private sealed class ResetConnection : HttpMessageHandler, IHttpClientFactory
    {
        private int _attempts;

        public int Attempts => Volatile.Read(ref _attempts);

        public HttpClient CreateClient(string name) => new(this, disposeHandler: false) { BaseAddress = new Uri("http://ingestion") };

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _attempts);
            throw new SocketException((int)SocketError.NotConnected);
        }
    }
}
