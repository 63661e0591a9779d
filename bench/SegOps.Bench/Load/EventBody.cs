using System.Globalization;
using System.Text;

namespace SegOps.Bench.Load;

/// <summary>Reusable request bodies. The server assigns ids and times, so that each event is new.</summary>
internal static class EventBody
{
    private static readonly string[] Types = ["order_placed", "page_viewed", "cart_updated", "search_performed", "checkout_started"];

    /// <summary>One event of about 250 bytes.</summary>
    internal static byte[] Single(int number) => Encoding.UTF8.GetBytes(Event(number));

    /// <summary><paramref name="events"/> events of about 250 bytes each, numbered from <paramref name="first"/>.</summary>
    internal static byte[] Batch(int events, int first = 0) =>
        Encoding.UTF8.GetBytes($$"""{"events":[{{string.Join(',', Enumerable.Range(first, events).Select(Event))}}]}""");

    private static string Event(int number) => string.Create(CultureInfo.InvariantCulture, $$$"""
        {"event_type":"{{{Types[number % Types.Length]}}}","user_id":"user-{{{number * 7919 % 100_000}}}","payload":{"order_id":"ord-{{{number * 104_729 % 1_000_000}}}","total":{{{number % 500}}}.95,"currency":"USD","path":"/pricing/plans/{{{number % 20}}}","referrer":"https://example.com/campaign","plan":"starter","campaign":"spring-sale","items":{{{1 + (number % 9)}}}}}
        """);
}
