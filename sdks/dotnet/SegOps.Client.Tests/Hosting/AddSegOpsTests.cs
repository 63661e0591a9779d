using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;

namespace SegOps.Client.Tests.Hosting;

public class AddSegOpsTests
{
    [Fact]
    public async Task Start_NoKey_FailsWithTheOptionsName()
    {
        using var host = NewHost(o => o.ApiKey = "");

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Contains("SegOpsOptions.ApiKey is required.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_QueuedEvents_AreSentAfterTheOtherServicesHaveStopped()
    {
        await using var server = await LoopbackServer.StartAsync(context => LoopbackServer.AcceptAsync(context, 1));
        using var host = NewHost(o => o.ApiUrl = server.Url, services => services.AddHostedService<TracksAtItsEnd>());
        var client = host.Services.GetRequiredService<ISegOpsClient>();

        await host.StartAsync();
        await host.StopAsync();

        Assert.Equal((1, 1), (client.GetStats().Tracked, client.GetStats().Accepted));
        client.Track("user-1", "order_placed");
        Assert.Equal(1, client.GetStats().Drops[DropReason.Closed]);
    }

    [Fact]
    public async Task Send_ProgramsRetryHandlers_AreNotUsedAndTheKeyIsNotLogged()
    {
        await using var server = await LoopbackServer.StartAsync(context => LoopbackServer.AcceptAsync(context, 1));
        var calls = 0;
        var logs = new FakeLoggerProvider();
        using var host = NewHost(o => o.ApiUrl = server.Url, services =>
        {
            services.ConfigureHttpClientDefaults(http => http.AddHttpMessageHandler(() => new CountingHandler(() => calls++)));
            services.AddLogging(logging => logging.AddProvider(logs).SetMinimumLevel(LogLevel.Trace));
        });
        await host.StartAsync();

        host.Services.GetRequiredService<ISegOpsClient>().Track("user-1", "order_placed");
        await host.StopAsync();

        Assert.Equal(0, calls);
        Assert.NotEmpty(logs.Collector.GetSnapshot());
        Assert.DoesNotContain(logs.Collector.GetSnapshot(), line => line.Message.Contains("sk_test_key", StringComparison.Ordinal));
        Assert.DoesNotContain(logs.Collector.GetSnapshot(), line => line.Message.Contains("user-1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AddSegOps_Services_GetOneClient()
    {
        using var host = NewHost(_ => { });

        Assert.Same(host.Services.GetRequiredService<ISegOpsClient>(), host.Services.GetRequiredService<ISegOpsClient>());
        await host.Services.GetRequiredService<ISegOpsClient>().ShutdownAsync();
    }

    private static IHost NewHost(Action<SegOpsOptions> configure, Action<IServiceCollection>? add = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        add?.Invoke(builder.Services);
        builder.Services.AddSegOps(o =>
        {
            o.ApiKey = "sk_test_key";
            configure(o);
        });
        return builder.Build();
    }

    private sealed class TracksAtItsEnd(ISegOpsClient client) : BackgroundService
    {
        public override Task StopAsync(CancellationToken cancellationToken)
        {
            client.Track("user-1", "order_placed");
            return base.StopAsync(cancellationToken);
        }

        protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.CompletedTask;
    }

    private sealed class CountingHandler(Action count) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            count();
            return base.SendAsync(request, cancellationToken);
        }
    }
}
