using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using SegOps.Monitoring.Pipeline;
using SegOps.Monitoring.Quota;
using SegOps.Monitoring.Rollups;
using SegOps.ServiceDefaults.Redis;
using SegOps.Tests.Fixtures;
using SegOps.Warehouse;

namespace SegOps.Tests.Integration.Monitoring.Quota;

/// <summary>One instance's reconciler, whose passes the test makes, beside a pipeline that does as the test says.</summary>
internal sealed class ReconcilerUnderTest : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly PipelineMonitor _pipeline;
    private readonly Reconciler _reconciler;
    private volatile StageResult _stage = StageResult.Ok;

    private ReconcilerUnderTest(string redis, string clickHouse, TimeProvider clock)
    {
        var services = new ServiceCollection().AddMetrics().AddLogging().AddSingleton(clock);
        services.Configure<RedisOptions>(options => (options.ConnectionString, options.CommandTimeout) = (redis, TimeSpan.FromSeconds(30)));
        services.Configure<WarehouseOptions>(options => options.ConnectionString = clickHouse);
        services.Configure<QuotaOptions>(options => options.ReconcileInterval = ReconcilerTests.Interval);
        services.AddSingleton<RedisConnection>().AddSingleton<WarehouseHttpClient>().AddSingleton<WarehouseReader>();
        services.AddSingleton<MonthlyFigures>().AddSingleton<StoredEvents>();
        services.AddSingleton<AccountChanges>().AddSingleton<CrowdedProjects>().AddSingleton<SliceCounter>().AddSingleton<DuplicateSearch>().AddSingleton<RollupWorker>();
        services.AddSingleton<PipelineMonitor>().AddSingleton<Reconciler>();
        services.AddSingleton(new StageProbe("the_stage", _ => Task.FromResult(_stage)));
        _services = services.BuildServiceProvider();
        _pipeline = _services.GetRequiredService<PipelineMonitor>();
        _reconciler = _services.GetRequiredService<Reconciler>();
    }

    public IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    /// <summary>Starts with a pipeline in which every stage has been found to work.</summary>
    public static async Task<ReconcilerUnderTest> StartAsync(string redis, string clickHouse, TimeProvider clock)
    {
        var started = new ReconcilerUnderTest(redis, clickHouse, clock);
        await started._pipeline.StartAsync(TestContext.Current.CancellationToken);
        await started.WaitForStageAsync(StageState.Ok);
        return started;
    }

    /// <summary>One pass, after everything stored was counted.</summary>
    public async Task PassAsync()
    {
        var accounts = _services.GetRequiredService<RollupWorker>();
        await accounts.PassAsync(TestContext.Current.CancellationToken);
        await accounts.SearchAsync(TestContext.Current.CancellationToken);
        await _reconciler.PassAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Lets the stage fail or work, and its next check see it.</summary>
    public Task SetStageAsync(StageResult result, FakeTimeProvider clock)
    {
        _stage = result;
        return Eventually.TrueAsync(() => _pipeline.Current.Status == result.State, "the stage was checked", () => clock.Advance(TimeSpan.FromMilliseconds(100)));
    }

    public async ValueTask DisposeAsync()
    {
        await _reconciler.StopAsync(CancellationToken.None);
        await _pipeline.StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
    }

    private Task WaitForStageAsync(StageState state) => Eventually.TrueAsync(() => _pipeline.Current.Status == state, "the stage was checked");
}
