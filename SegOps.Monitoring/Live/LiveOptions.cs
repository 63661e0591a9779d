using System.ComponentModel.DataAnnotations;

namespace SegOps.Monitoring.Live;

/// <summary>Configuration section <c>Live</c>: the streams of events as they become queryable.</summary>
internal sealed class LiveOptions
{
    internal const string Section = "Live";

    /// <summary>Streams open at a time; further ones are answered 503. Default 200, each an open connection and at most 2.6 MB of events, all of them the largest there are.</summary>
    [Range(1, 100_000, ErrorMessage = "Live:MaxStreams must be from 1 to 100,000.")]
    public int MaxStreams { get; set; } = 200;

    /// <summary>After which time a stream ends and its client opens the next. Default 100 s, below the 2 min of the gateway's Forwarding:RequestTimeout.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "Live:Duration must be from 00:00:01 to 01:00:00.")]
    public TimeSpan Duration { get; set; } = TimeSpan.FromSeconds(100);
}
