using SegOps.Contracts;
using SegOps.InternalApi;
using SegOps.ServiceDefaults.Redis;
using StackExchange.Redis;

namespace SegOps.Monitoring.Quota;

/// <summary>The live events that Redis counted for a project in a month.</summary>
internal sealed record Figure(string Project, Month Month, long Used);

/// <summary>All projects' figures as they stood at some moment between <paramref name="Began"/> and <paramref name="Ended"/>.</summary>
internal sealed record Snapshot(DateTimeOffset Began, DateTimeOffset Ended, Figure[] Figures);

/// <summary>Redis's monthly figures, as Monitoring uses them.</summary>
internal sealed class MonthlyFigures(RedisConnection redis, TimeProvider clock)
{
    /// <summary>Projects asked for at once, so that Redis answers others in between.</summary>
    private const int Batch = 500;

    /// <summary>Reads the figures of the projects that Redis or <paramref name="stored"/> know; leaves out what neither counted anything of.</summary>
    internal async Task<Snapshot> ReadAsync(Month[] months, StoredOverview stored)
    {
        var began = clock.GetUtcNow();
        var projects = (await redis.RunAsync(database => database.SortedSetRangeByRankAsync(RedisKeys.Projects)))
            .Select(id => (string)id!).Union(stored.Projects);
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
                    if (used > 0 || stored.Rows(project, month) > 0)
                        figures.Add(new Figure(project, month, used));
                }
            }
        }

        return new Snapshot(began, clock.GetUtcNow(), [.. figures]);
    }

    /// <summary>Adds <paramref name="events"/>, which may be negative, to what the figure is now, which never falls below 0.</summary>
    internal Task CorrectAsync(Figure figure, long events) => redis.RunAsync(database => database.ScriptEvaluateAsync(
        UsageScripts.Correct, [RedisKeys.Usage(figure.Project)], [figure.Month.Name, events]));
}
