using System.Globalization;
using System.Text;

namespace SegOps.Bench.Chaos;

/// <summary>One request of the load. Retries send the same ids and body.</summary>
/// <param name="Path">The path for a single event or for a batch.</param>
/// <param name="Valid">Ids of the events that must be accepted.</param>
/// <param name="Invalid">Ids of the events that must be refused.</param>
/// <param name="Body">The body, as JSON.</param>
internal sealed record TrackRequest(string Path, IReadOnlyList<Guid> Valid, IReadOnlyList<Guid> Invalid, string Body)
{
    private const int MaxBatch = 40;
    private static readonly string[] Types = ["order_placed", "page_viewed", "cart_updated", "search_performed", "context_identified"];

    internal IEnumerable<Guid> All => Valid.Concat(Invalid);

    /// <summary>Whether an event has a client time. Half of the events have one; the others take the time of each receipt.</summary>
    internal static bool HasTime(Guid id) => id.ToByteArray()[^1] % 2 == 0;

    /// <summary>Makes a single event or a batch. One of fifty events lacks its user.</summary>
    internal static TrackRequest Next(Random random, DateTimeOffset now)
    {
        var isBatch = random.Next(3) > 0;
        List<Guid> valid = [], invalid = [];
        var events = new List<string>();
        for (var left = isBatch ? random.Next(1, MaxBatch + 1) : 1; left > 0; left--)
        {
            var isValid = random.Next(50) > 0;
            var id = NewId(random);
            (isValid ? valid : invalid).Add(id);
            events.Add(Event(id, isValid, random, now));
        }
        return isBatch
            ? new TrackRequest("/api/ingestion/track/batch/", valid, invalid, $$"""{"events":[{{string.Join(',', events)}}]}""")
            : new TrackRequest("/api/ingestion/track/", valid, invalid, events[0]);
    }

    private static string Event(Guid id, bool isValid, Random random, DateTimeOffset now)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $$"""{"event_id":"{{id}}","event_type":"{{Types[random.Next(Types.Length)]}}",""");
        if (isValid)
            text.Append(CultureInfo.InvariantCulture, $"\"user_id\":\"user-{random.Next(1000)}\",");
        if (HasTime(id))
            text.Append(CultureInfo.InvariantCulture, $"\"occurred_at\":\"{now.UtcDateTime - TimeSpan.FromSeconds(random.Next(7200)):O}\",");
        return text.Append(CultureInfo.InvariantCulture, $$$"""
            "payload":{"n":{{{random.Next()}}}}}
            """).ToString();
    }

    private static Guid NewId(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }
}
