namespace SegOps.Segments.Evaluation;

/// <summary>
/// Reads times as SegOps.Contracts.TimestampParser does. ClickHouse's own functions take other forms too and are limited to the years 1900 to 2299.
/// </summary>
internal static class TimestampSql
{
    private const int MaxLength = 64;

    private const string Form =
        @"'^(\\d{4})-(\\d\\d)-(\\d\\d)(?:[Tt ](\\d\\d):(\\d\\d)(?::(\\d\\d)(?:[.,](\\d+))?)?([Zz]|[+-]\\d\\d(?::?\\d\\d)?)?)?$'";

    private const string Year = "toInt64OrZero(g[1])", Month = "toInt64OrZero(g[2])", Day = "toInt64OrZero(g[3])";
    private const string Hour = "toInt64OrZero(g[4])", Minute = "toInt64OrZero(g[5])", Second = "toInt64OrZero(g[6])";
    private const string OffsetHours = "toInt64OrZero(substring(g[8], 2, 2))", OffsetMinutes = "toInt64OrZero(right(replaceOne(g[8], ':', ''), 2))";

    private const string IsLeapYear = $"({Year} % 4 = 0 AND ({Year} % 100 != 0 OR {Year} % 400 = 0))";
    private const string DaysOfMonth = $"multiIf({Month} IN (4, 6, 9, 11), 30, {Month} = 2, 28 + {IsLeapYear}, 31)";
    private const string HasMinutes = "(length(g[8]) > 3)";

    /// <summary>Days since 1970. A year begins in March, so that the leap day is its last.</summary>
    private const string Days = $"""
        (365 * ({Year} - ({Month} < 3)) + intDiv({Year} - ({Month} < 3), 4) - intDiv({Year} - ({Month} < 3), 100) + intDiv({Year} - ({Month} < 3), 400)
        + intDiv(153 * ({Month} + if({Month} > 2, -3, 9)) + 2, 5) + {Day} - 719469)
        """;

    private const string Offset =
        $"(if(startsWith(g[8], '-'), -60000000, 60000000) * if(length(g[8]) > 1, {OffsetHours} * 60 + if({HasMinutes}, {OffsetMinutes}, 0), 0))";

    private const string Micros = $"""
        ({Days} * 86400000000 + {Hour} * 3600000000 + {Minute} * 60000000 + least({Second}, 59) * 1000000
        + toInt64OrZero(rightPad(substring(g[7], 1, 6), 6, '0')) - {Offset})
        """;

    private const string IsValid = $"""
        {Year} > 0 AND {Month} BETWEEN 1 AND 12 AND {Day} BETWEEN 1 AND {DaysOfMonth} AND {Hour} < 24 AND {Minute} < 60 AND {Second} <= 60
        AND {OffsetHours} < 24 AND (NOT {HasMinutes} OR {OffsetMinutes} < 60) AND ({Second} < 60 OR positiveModulo({Micros}, 86400000000) >= 86340000000)
        """;

    /// <summary>Microseconds since 1970 of the string <paramref name="text"/>, or NULL if it is not a time.</summary>
    internal static string Of(string text) =>
        $"arrayElement(arrayMap(g -> if(notEmpty(g) AND {IsValid}, {Micros}, NULL), [if(length({text}) <= {MaxLength}, extractGroups({text}, {Form}), [])]), 1)";
}
