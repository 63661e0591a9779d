using System.Data.Common;
using System.Net.Http.Json;
using SegOps.Contracts;

namespace SegOps.Bench.Chaos;

/// <summary>
/// Has the emulator deliver once more what is not acked. It sometimes keeps for good what it had leased to a lost connection, long after the
/// lease has lapsed. What was acked is gone for good, for the subscription does not retain it: an event acked and not stored stays lost.
/// </summary>
internal static class EmulatorReplay
{
    /// <summary>Seeks the ingestor's subscription to <paramref name="since"/>.</summary>
    internal static async Task RunAsync(string pubSub, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var settings = new DbConnectionStringBuilder { ConnectionString = pubSub };
        using var http = new HttpClient();
        var subscription = new Uri($"{settings["Endpoint"]}/v1/projects/{settings["ProjectId"]}/subscriptions/{Streams.EventsSubscription}:seek");
        using var answer = await http.PostAsJsonAsync(subscription, new Dictionary<string, string> { ["time"] = $"{since.UtcDateTime:O}" }, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }
}
