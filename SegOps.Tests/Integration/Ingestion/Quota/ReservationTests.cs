using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.Ingestion.Quota;
using SegOps.Ingestion.Requests;
using SegOps.Ingestion.Telemetry;
using SegOps.ServiceDefaults.Redis;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Ingestion.Quota;

public sealed class ReservationTests(RedisFixture redis)
{
    [Fact]
    public async Task Reserve_EightWritersAtTheEdgeOfTheLimit_GrantsExactlyWhatFits()
    {
        const int Writers = 8, Each = 40, Count = 7, Limit = 1000;
        var project = Unique.Name("project_");
        await using var usage = await Usage.ConnectAsync(await redis.ConnectionStringAsync());

        var granted = await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => GrantedAsync(project, Each, Count, Limit)));

        Assert.Equal(Limit / Count, granted.Sum());
        Assert.Equal(Limit / Count * Count, await usage.ReadAsync(project));
    }

    /// <summary>One writer with a connection of its own, as an instance of the service has; reserves side by side.</summary>
    private async Task<int> GrantedAsync(string project, int times, int count, int limit)
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var telemetry = new IngestionTelemetry(
            services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), NullLogger<IngestionTelemetry>.Instance);
        var options = Options.Create(new RedisOptions
        {
            ConnectionString = await redis.ConnectionStringAsync(),
            Deadline = TimeSpan.FromMinutes(1),
            CommandTimeout = TimeSpan.FromMinutes(1),
        });
        await using var connection = new RedisConnection(options, TimeProvider.System, NullLogger<RedisConnection>.Instance);
        var known = new KnownUsage();
        using var adjustments = new QuotaAdjustments(connection, TimeProvider.System, telemetry);
        var quota = new EventQuota(connection, adjustments, known, TimeProvider.System, telemetry);
        var metadata = new RequestMetadata(project, Environments.Live, Guid.NewGuid(), DateTimeOffset.UnixEpoch);
        var headers = new HeaderDictionary { [InternalHeaders.EventsPerMonth] = limit.ToString(CultureInfo.InvariantCulture) };
        var reservations = await Task.WhenAll(Enumerable.Range(0, times).Select(_ => quota.ReserveAsync(metadata, count, headers)));
        return reservations.Count(reservation => reservation.Granted);
    }
}
