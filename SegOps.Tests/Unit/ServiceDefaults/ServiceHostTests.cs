using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SegOps.ServiceDefaults;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Tests.Unit.ServiceDefaults;

public sealed class ServiceHostTests
{
    [Fact]
    public async Task RunAsync_SeveralOptionsAreWrong_NamesEveryFaultAtOnce()
    {
        using var errors = new StringWriter();

        var status = await ServiceHost.RunAsync(
            () => Build(services =>
            {
                services.AddValidatedOptions<FirstOptions>("First");
                services.AddValidatedOptions<SecondOptions>("Second");
            }),
            errors);

        Assert.Equal(ServiceHost.ConfigurationFault, status);
        Assert.Contains("First:A is required", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("First:B is required", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("Second:C must be between 1 and 10", errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_AWorkerBreaksOff_EndsWithWorkerFault() =>
        Assert.Equal(ServiceHost.WorkerFault, await ServiceHost.RunAsync(() => Build(services => services.AddHostedService<BreakingWorker>())));

    [Fact]
    public async Task RunAsync_StoppedInGoodOrder_EndsWithZero() =>
        Assert.Equal(0, await ServiceHost.RunAsync(() => Build(services => services.AddHostedService<StoppingWorker>())));

    private static WebApplication Build(Action<IServiceCollection> configure)
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.AddServiceDefaults();
        builder.Logging.ClearProviders();
        configure(builder.Services);
        var app = builder.Build();
        app.UseServiceDefaults();
        return app;
    }

    private sealed class BreakingWorker : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await Task.Yield();
            throw new InvalidOperationException("the worker's fault");
        }
    }

    private sealed class StoppingWorker(IHostApplicationLifetime lifetime) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken)
        {
            lifetime.ApplicationStarted.Register(lifetime.StopApplication);
            return Task.CompletedTask;
        }
    }
}

internal sealed class FirstOptions
{
    [Required(ErrorMessage = "First:A is required")]
    public string? A { get; set; }

    [Required(ErrorMessage = "First:B is required")]
    public string? B { get; set; }
}

internal sealed class SecondOptions
{
    [Range(1, 10, ErrorMessage = "Second:C must be between 1 and 10")]
    public int C { get; set; }
}
