using System.Globalization;
using System.Text;
using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using Microsoft.Extensions.Options;
using SegOps.Segments.Evaluation;
using SegOps.Warehouse;

namespace SegOps.Segments.Membership;

/// <summary>Runs the passes' statements, within their deadline.</summary>
internal sealed class Statements(StatementRunner runner, IOptions<MembershipOptions> options)
{
    /// <summary>Maximum rows of an answer: changed seconds of all projects.</summary>
    private const int MaxRows = 2_000_000;

    /// <summary>Runs a statement without an answer.</summary>
    internal Task RunAsync(string sql, CancellationToken cancellationToken, ClickHouseParameterCollection? parameters = null, TimeSpan? deadline = null) =>
        ReadAsync(sql, static _ => 0, cancellationToken, parameters, deadline);

    /// <summary>Runs a query.</summary>
    internal Task<List<T>> ReadAsync<T>(
        string sql, Func<ClickHouseDataReader, T> read, CancellationToken cancellationToken, ClickHouseParameterCollection? parameters = null, TimeSpan? deadline = null) =>
        runner.ReadAsync(new Statement(sql, parameters ?? []), MaxRows, read, cancellationToken, deadline ?? options.Value.PassDeadline);

    /// <summary>Whether ClickHouse answers at all. If it does, a refused statement is the fault of its segment.</summary>
    internal async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync("SELECT 1", static row => row.Number(0), cancellationToken) is [1];
        }
        catch (WarehouseUnavailableException)
        {
            return false;
        }
    }

    /// <summary>A string within a statement. As hexadecimal digits it cannot end the literal.</summary>
    internal static string Text(string text) => $"unhex('{Convert.ToHexString(Encoding.UTF8.GetBytes(text))}')";

    /// <summary>A list within a statement. It can be too long for parameters, which are part of the URL.</summary>
    internal static string Texts(IEnumerable<string> texts) => $"({string.Join(", ", texts.Select(Text).DefaultIfEmpty("NULL"))})";

    /// <summary>A number within a statement.</summary>
    internal static string Number<T>(T number)
        where T : IFormattable => number.ToString(null, CultureInfo.InvariantCulture);

    /// <summary>A time within a statement, in microseconds.</summary>
    internal static string Time(DateTimeOffset time) => $"fromUnixTimestamp64Micro(toInt64({Number(QueryValues.Micros(time))}), 'UTC')";

    /// <summary>The condition that isolates a place.</summary>
    internal static string Of(Place place) => $"project_id = {Text(place.Project)} AND environment = {Text(place.Environment)}";

    /// <summary>The columns project_id and environment of rows of a place.</summary>
    internal static string Columns(Place place) => $"{Text(place.Project)}, {Text(place.Environment)}";
}
