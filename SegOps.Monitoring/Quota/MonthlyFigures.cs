using System.Globalization;
using SegOps.Contracts;
using SegOps.InternalApi;
using SegOps.ServiceDefaults.Redis;
using StackExchange.Redis;

namespace SegOps.Monitoring.Quota;

/// <summary>A project's live events of a month in Redis.</summary>
internal sealed record Figure(string Project, Month Month, long Used);

/// <summary>All projects' figures at some time between <paramref name="Began"/> and <paramref name="Ended"/>.</summary>
internal sealed record Snapshot(DateTimeOffset Began, DateTimeOffset Ended, Figure[] Figures);

/// <summary>Reads and corrects Redis's monthly figures.</summary>
internal sealed class MonthlyFigures(RedisConnection redis, TimeProvider clock)
{
    /// <summary>Projects per call, so that Redis can serve other clients in between.</summary>
    private const int Batch = 500;

    /// <summary>Reads the figures of all projects in Redis or <paramref name="stored"/>, except those without events in both.</summary>
    internal async Task<Snapshot> ReadAsync(Month[] months, StoredCounts stored)
    {
        var began = clock.GetUtcNow();
        var projects = (await redis.RunAsync(database => database.SortedSetRangeByRankAsync(RedisKeys.Projects)))
            .Select(id => (string)id!).Union(stored.Events.Keys.Select(key => key.Project));
        RedisValue[] fields = [.. months.Select(month => (RedisValue)month.Name)];
        List<Figure> figures = [];
        foreach (var batch in projects.Chunk(Batch))
        {
            var answers = await redis.RunAsync(database =>
                Task.WhenAll(batch.Select(project => database.HashGetAsync(RedisKeys.Usage(project), fields))));
            foreach (var (project, values) in batch.Zip(answers))
            {
                foreach (var (month, value) in months.Zip(values))
                {
                    var used = (long?)value ?? 0;
                    if (used > 0 || stored.Events.ContainsKey((project, month)))
                        figures.Add(new Figure(project, month, used));
                }
            }
        }

        return new Snapshot(began, clock.GetUtcNow(), [.. figures]);
    }

    /// <summary>Adds <paramref name="events"/>, which can be negative, to the figure. The result is at least 0.</summary>
    internal Task CorrectAsync(Figure figure, long events) => redis.RunAsync(database => database.ScriptEvaluateAsync(
        UsageScripts.Correct, [RedisKeys.Usage(figure.Project)], [figure.Month.Name, events]));
}

/// <summary>A calendar month in UTC.</summary>
/// <param name="Begins">Its start.</param>
internal readonly record struct Month(DateTimeOffset Begins)
{
    /// <summary>The start of the next month.</summary>
    internal DateTimeOffset Ends => Begins.AddMonths(1);

    /// <summary>The name of the field in Redis: <c>yyyy-MM</c>.</summary>
    internal string Name => Begins.ToString("yyyy-MM", CultureInfo.InvariantCulture);

    /// <summary>The month of <paramref name="now"/>. On its first day, also the previous month, whose last events still arrive.</summary>
    internal static Month[] ToReconcile(DateTimeOffset now)
    {
        var current = new Month(new DateTimeOffset(now.UtcDateTime.Year, now.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero));
        return now.UtcDateTime.Day == 1 ? [current, new Month(current.Begins.AddMonths(-1))] : [current];
    }
}
