using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SegOps.Bench.Reporting;
using SegOps.Bench.Running;
using SegOps.Bench.Storage;
using SegOps.Segments.Evaluation;
using SegOps.Segments.Membership;
using SegOps.Segments.Store;
using SegOps.ServiceDefaults.Redis;
using SegOps.Warehouse;
using Progress = SegOps.Bench.Reporting.Progress;

namespace SegOps.Bench.Segments;

/// <summary>Measures the passes of a hundred segments. They run in this process, beside the system's own service, which has no segments.</summary>
internal static class PassMeasurement
{
    private const int Segments = 100;
    private const int ChangedUsers = 10_000;

    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(30);

    internal static async Task<Table> RunAsync(
        LocalSystem system, BenchWarehouse warehouse, long users, int rounds, Progress progress, CancellationToken cancellationToken)
    {
        using var expiry = new CancellationTokenSource(Timeout);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, cancellationToken);
        await using var services = Services(system);
        var worker = services.GetRequiredService<MembershipWorker>();
        // The users were stored a moment ago. Passes would evaluate all of them again, because rows of these seconds could still become visible.
        await warehouse.RunAsync("TRUNCATE TABLE user_changes", stop.Token);
        progress.Show($"Computing {Segments} segments");
        var first = await Timed.RunAsync(() => SettleAsync(worker, stop.Token));

        List<double> times = [], idle = [];
        var changed = Math.Min(ChangedUsers, users);
        for (var round = 0; round <= rounds; round++)
        {
            progress.Show($"Passes over {changed} users");
            idle.Add(await Timed.RunAsync(() => SettleAsync(worker, stop.Token)));
            await warehouse.RunAsync(StoredUsers.Orders((100 * users) + (round * changed), changed, users, TimeProvider.System.GetUtcNow()), stop.Token);
            var ms = await Timed.RunAsync(() => SettleAsync(worker, stop.Token));
            if (round > 0)
                times.Add(ms);
        }

        var table = new Table("members", "ms", "slowest ms");
        table.Add($"first computation of {Segments} segments", Cell.Of(first, "F0"), "");
        table.Add("a round without changes, median", Cell.Of(Statistics.Median(idle), "F0"), Cell.Of(idle.Max(), "F0"));
        table.Add(string.Create(CultureInfo.InvariantCulture, $"{Segments} segments and {changed:N0} changed users, median"), Cell.Of(Statistics.Median(times), "F0"), Cell.Of(times.Max(), "F0"));
        return table;
    }

    private static async Task SettleAsync(MembershipWorker worker, CancellationToken cancellationToken)
    {
        do
        {
            await worker.RoundAsync(cancellationToken);
            if (worker.Failure is { } failure)
                throw failure;
        }
        while (!worker.IsIdle);
    }

    private static ServiceProvider Services(LocalSystem system)
    {
        var services = new ServiceCollection().AddMetrics().AddLogging().AddSingleton(TimeProvider.System);
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.Configure<RedisOptions>(options => (options.ConnectionString, options.CommandTimeout) = (system.RedisConnectionString + ",defaultDatabase=1", TimeSpan.FromSeconds(30)));
        services.Configure<WarehouseOptions>(options => options.ConnectionString = system.ClickHouseConnectionString);
        services.AddEvaluation().AddMembership();

        // A first computation takes longer where many run.
        services.Configure<MembershipOptions>(options => (options.PassDeadline, options.ComputationDeadline) = (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5)));
        services.AddSingleton<RedisConnection>().AddSingleton<WarehouseHttpClient>().AddSingleton<WarehouseReader>();
        services.AddSingleton<ISegmentDefinitions, BenchSegments>();
        return services.BuildServiceProvider();
    }

    /// <summary>Segments that differ in plan, orders and sessions.</summary>
    private sealed class BenchSegments : ISegmentDefinitions
    {
        private static readonly string[] Plans = ["free", "starter", "pro", "enterprise"];

        private readonly IReadOnlyList<SegmentDefinition> _all = [.. Enumerable.Range(0, Segments).Select(Segment)];

        public Task<IReadOnlyList<SegmentDefinition>> AllAsync(CancellationToken cancellationToken) => Task.FromResult(_all);

        private static SegmentDefinition Segment(int index) => new(
            Guid.CreateVersion7(), "Segment", string.Create(CultureInfo.InvariantCulture,
                $$$"""
                {"all":[
                  {"type":"user_property","property":"plan","operator":"in","value":["{{{Plans[index % 4]}}}","{{{Plans[(index + 1) % 4]}}}"]},
                  {"type":"event","event_type":"order_placed","count":{"at_least":{{{1 + (index % 3)}}}},"within":"P{{{10 + (index % 20)}}}D"},
                  {"not":{"type":"event","event_type":"session_started","within":"P{{{1 + (index % 7)}}}D"}}]}
                """), 1, default, default, StoredUsers.Project, "live");
    }
}
