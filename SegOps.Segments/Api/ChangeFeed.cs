using System.Runtime.CompilerServices;
using SegOps.Segments.Membership;
using SegOps.Segments.Store;

namespace SegOps.Segments.Api;

/// <summary>Follows the changes of a segment for a while.</summary>
internal sealed class ChangeFeed(SegmentStore store, ChangeReader reader, IHostApplicationLifetime lifetime, TimeProvider clock)
{
    /// <summary>Pause between two reads. Passes are closed every 2 s.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest time without a result.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Changes after <paramref name="cursor"/> until <paramref name="wait"/> is over: at first those that are there, then each time that there are more. A result
    /// without changes tells where the stream is.
    /// </summary>
    /// <exception cref="SegmentFault">The segment was deleted.</exception>
    /// <exception cref="CursorExpiredException">The changes after the cursor are not kept.</exception>
    internal async IAsyncEnumerable<MemberChanges> FollowAsync(
        SegmentDefinition segment, Cursor? cursor, TimeSpan wait, int limit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var place = new Place(segment.Project, segment.Environment);
        var began = clock.GetTimestamp();
        var shown = began;
        var isFirst = true;
        while (true)
        {
            var found = await reader.AfterAsync(place, segment.Id, cursor, limit, cancellationToken);
            cursor = found.Next;
            if (isFirst || found.Changes.Count > 0 || clock.GetElapsedTime(shown) >= Heartbeat)
            {
                (shown, isFirst) = (clock.GetTimestamp(), false);
                yield return found;
            }
            if (clock.GetElapsedTime(began) >= wait || lifetime.ApplicationStopping.IsCancellationRequested)
                yield break; // At a shutdown the client continues with the cursor on another instance.
            if (found.Changes.Count < limit)
                await Task.Delay(Pause, clock, cancellationToken);
            if (await store.GetAsync(place.Project, place.Environment, segment.Id, cancellationToken) is null)
                throw SegmentFault.NotFound();
        }
    }
}
