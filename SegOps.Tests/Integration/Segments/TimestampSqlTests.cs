using System.Text;
using ClickHouse.Driver.ADO.Parameters;
using SegOps.Contracts;
using SegOps.Segments.Evaluation;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Segments;

/// <summary>Compares the times that ClickHouse reads with those that <see cref="TimestampParser"/> does.</summary>
public sealed class TimestampSqlTests(ClickHouseFixture clickHouse)
{
    private static readonly string[] Forms =
    [
        "2025-01-31", "2025-01-31T13:45", "2025-01-31 13:45:59", "2025-01-31t13:45:59.1", "2025-01-31T13:45:59,123456789", "2025-01-31T15:45:59+02:00",
        "2025-01-31T15:45:59-0230", "2025-01-31T15:45+14", "2025-01-31T13:45:59Z", "2016-12-31T23:59:60Z", "2017-01-01T01:59:60.5+02:00", "2024-02-29", "2000-02-29",
        "1900-02-29", "2023-02-29", "0001-01-01", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999-23:59", "0000-01-01", "2025-13-01", "2025-00-10",
        "2025-04-31", "2025-01-31T24:00", "2025-01-31T23:60", "2025-01-31T23:59:61", "2025-01-31T12:59:60Z", "2025-01-31Z", "2025-01-31T13", "2025-01-31T13:45:59+24:00",
        "2025-01-31T13:45:59+02:60", "2025-01-31T13:45:59+02:", "2025-01-31T13:45:59.", "20250131", "2025-01-31 ", " 2025-01-31", "2025-01-31\n", "٢٠٢٥-01-31", "", "1738331159",
        "2025-01-31T13:45:59.0000000000000000000000000000000000000000000Z", "2025-01-31T13:45:59.00000000000000000000000000000000000000000000Z", "1969-12-31T23:59:59.999999Z",
    ];

    [Fact]
    public async Task Of_AllFormsAndStringsLikeThem_GivesTheTimesOfTheParser()
    {
        using var stored = await SegmentHistory.CreateAsync(clickHouse);
        var texts = Forms.Concat(Mutants(1)).Distinct().ToList();

        var read = await stored.ReadAsync(
            new Statement($"SELECT t, ifNull(toString({TimestampSql.Of("t")}), '') FROM (SELECT arrayJoin({SqlLiteral.List(texts.Select(SqlLiteral.Text))}) AS t)", new ClickHouseParameterCollection()),
            static row => (Text: row.GetString(0), Time: row.GetString(1)));

        Assert.Equal(texts.Select(text => (text, Parse(text))), read);
    }

    private static string Parse(string text) => text.Length <= TimestampParser.MaxLength && TimestampParser.TryParse(Encoding.UTF8.GetBytes(text), out var ticks)
        ? $"{(ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond}"
        : "";

    /// <summary>Forms in which characters are replaced, added and removed.</summary>
    private static IEnumerable<string> Mutants(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 5000; i++)
        {
            var text = new StringBuilder(Forms[random.Next(Forms.Length)]);
            for (var changes = random.Next(1, 4); changes > 0 && text.Length > 0; changes--)
            {
                var at = random.Next(text.Length);
                var unit = "0123456789-:+.,TZ t"[random.Next(19)];
                switch (random.Next(4))
                {
                    case 0:
                        text.Remove(at, 1);
                        break;
                    case 1:
                        text.Insert(at, unit);
                        break;
                    default:
                        text[at] = unit;
                        break;
                }
            }
            yield return text.ToString();
        }
    }
}
