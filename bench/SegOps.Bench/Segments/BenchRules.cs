using System.Globalization;
using SegOps.Segments.Rules;

namespace SegOps.Bench.Segments;

/// <summary>Rules of three conditions, and the plain SQL that counts the same users.</summary>
internal static class BenchRules
{
    private const string Of = $"project_id = '{StoredUsers.Project}' AND environment = 'live'";

    internal static IEnumerable<(string Name, Rule Rule, string Plain)> All(DateTimeOffset now)
    {
        var plan = new TraitCondition(["plan"], new Predicate(Operator.In, [new TextLiteral("starter"), new TextLiteral("free")], IgnoreCase: false));
        var noSession = new Not(Events("session_started", 7, 1));
        yield return ("plan, an order, no session", new AllOf([plan, Events("order_placed", 30, 1), noSession]), Plain(now, "count() > 0", ""));
        yield return ("plan, three orders, no session", new AllOf([plan, Events("order_placed", 30, 3), noSession]), Plain(now, "count() >= 3", ""));
        var expensive = new PayloadCondition(["total"], new Predicate(Operator.GreaterThan, [new NumberLiteral(50)], IgnoreCase: false));
        yield return ("plan, three orders above 50, no session", new AllOf([plan, Events("order_placed", 30, 3, expensive), noSession]),
            Plain(now, "count() >= 3", "AND JSONExtractFloat(payload, 'total') > 50"));
    }

    private static EventCondition Events(string type, int days, long least, Rule? where = null) =>
        new(new EventFilter(type, where), new Window(new Relative(-TimeSpan.FromDays(days)), null), new Count(least, null));

    private static string Plain(DateTimeOffset now, string having, string where)
    {
        var time = string.Create(CultureInfo.InvariantCulture, $"toDateTime64('{now.UtcDateTime:yyyy-MM-dd HH:mm:ss}', 6, 'UTC')");
        return $"""
            SELECT count()
            FROM (SELECT user_id FROM latest_traits WHERE {Of} AND trait = 'plan' AND JSONExtractString(value) IN ('starter', 'free'))
            WHERE user_id IN
                (
                    SELECT user_id
                    FROM (SELECT user_id, event_id, min(occurred_at) AS at FROM events WHERE {Of} AND event_type = 'order_placed' AND occurred_at >= {time} - INTERVAL 31 DAY AND occurred_at <= {time} {where} GROUP BY user_id, event_id)
                    WHERE at >= {time} - INTERVAL 30 DAY
                    GROUP BY user_id
                    HAVING {having}
                )
                AND user_id NOT IN (SELECT user_id FROM events WHERE {Of} AND event_type = 'session_started' AND occurred_at >= {time} - INTERVAL 7 DAY AND occurred_at <= {time})
            """;
    }
}
