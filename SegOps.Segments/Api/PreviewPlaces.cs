using SegOps.Contracts;
using SegOps.ServiceDefaults.Redis;

namespace SegOps.Segments.Api;

/// <summary>Bounds the previews that a project computes at the same time, on all instances together.</summary>
internal sealed class PreviewPlaces(RedisConnection redis)
{
    /// <summary>Maximum previews of a project at the same time.</summary>
    internal const int Most = 2;

    /// <summary>Longer than a preview takes. Only an instance that is killed leaves a place until then.</summary>
    private static readonly TimeSpan Lasts = TimeSpan.FromSeconds(30);

    /// <summary>Runs <paramref name="preview"/> in a free place.</summary>
    /// <exception cref="SegmentFault">There is none.</exception>
    /// <exception cref="RedisUnavailableException">Redis did not answer.</exception>
    internal async Task<T> RunAsync<T>(string project, Func<Task<T>> preview)
    {
        var place = await EnterAsync(project);
        try
        {
            return await preview();
        }
        finally
        {
            await place.ReleaseAsync(CancellationToken.None);
        }
    }

    private async Task<RedisLease> EnterAsync(string project)
    {
        for (var number = 0; number < Most; number++)
        {
            var place = new RedisLease(redis, RedisKeys.SegmentPreview(project, number), Lasts);
            if (await place.HoldAsync())
                return place;
        }
        throw new SegmentFault(ErrorCodes.TooManyPreviews, $"A project computes at most {Most} previews at the same time. Wait for one, then retry.")
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        };
    }
}
