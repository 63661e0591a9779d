using SegOps.Contracts;
using SegOps.Segments.Rules;
using SegOps.Warehouse;

namespace SegOps.Segments.Evaluation;

/// <summary>What all parts of a statement share: the tables, the users and the time, in microseconds since 1970.</summary>
internal sealed class Scope(Evaluation evaluation)
{
    /// <summary>A time that never comes, in microseconds.</summary>
    internal const string Never = "9223372036854775807";

    private readonly string _ofUser = evaluation.UserId is { } user ? $" AND {EventColumns.UserId} = {SqlLiteral.Text(user)}" : "";

    /// <summary>The time for which the rule is evaluated.</summary>
    internal long Now { get; } = QueryValues.Micros(evaluation.Now);

    /// <summary>The tables.</summary>
    internal SourceTables Tables => evaluation.Tables;

    /// <summary>The only user; null for all.</summary>
    internal string? UserId => evaluation.UserId;

    /// <summary>The condition of rows of the project, the environment and the users.</summary>
    internal string Rows => QueryValues.OfProject + _ofUser;

    /// <summary>Rows of <c>events</c> that were received until now.</summary>
    internal string IsReceived => $"{EventColumns.ReceivedAt} <= {SqlLiteral.Time(Now)}";

    /// <summary>Rows of <c>events</c> that were received after now, which only clocks that differ bring.</summary>
    internal string IsNotReceived => $"{EventColumns.ReceivedAt} > {SqlLiteral.Time(Now)}";

    /// <summary>The same of <c>user_trait_values</c>.</summary>
    internal string IsNotWritten => $"tupleElement(written, 1) > {SqlLiteral.Time(Now)}";

    /// <summary>Rows of <c>events</c> of a type that were received until now.</summary>
    internal string EventsOf(string eventType) => $"{Rows} AND {EventColumns.EventType} = {SqlLiteral.Text(eventType)} AND {IsReceived}";

    /// <summary>The time of <paramref name="moment"/>.</summary>
    internal long Micros(Moment moment) => moment switch
    {
        Instant instant => QueryValues.Micros(instant.Time),
        Relative relative => Now + Micros(relative.Offset),
        _ => throw new ArgumentOutOfRangeException(nameof(moment)),
    };

    /// <summary>The earliest of times, as an expression. There is at least one; least needs two.</summary>
    internal static string Earliest(IReadOnlyList<string> times) => times.Count == 1 ? times[0] : $"least({string.Join(", ", times)})";

    /// <summary>A duration in microseconds.</summary>
    internal static long Micros(TimeSpan duration) => duration.Ticks / TimeSpan.TicksPerMicrosecond;
}
