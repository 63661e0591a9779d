using System.Globalization;
using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using ClickHouse.Driver.Utility;
using SegOps.InternalApi;

namespace SegOps.Monitoring.Warehouse;

/// <summary>What most queries ask: one project's rows within a span of time.</summary>
internal static class WindowParameters
{
    /// <summary>The condition that keeps projects and environments apart.</summary>
    internal const string Project = "project_id = {project:String} AND environment = {environment:String}";

    /// <summary>The parameters <c>project</c> and <c>environment</c>, and <c>from</c> and <c>to</c> as Unix times in seconds.</summary>
    internal static ClickHouseParameterCollection Of(Caller caller, DateTime from, DateTime to) => new ClickHouseParameterCollection()
        .With("project", caller.ProjectId)
        .With("environment", caller.Environment)
        .With("from", new DateTimeOffset(from).ToUnixTimeSeconds())
        .With("to", new DateTimeOffset(to).ToUnixTimeSeconds());

    /// <summary>The same with one more.</summary>
    internal static ClickHouseParameterCollection With(this ClickHouseParameterCollection parameters, string name, object value)
    {
        parameters.AddParameter(name, value);
        return parameters;
    }

    /// <summary>A whole number, of whichever width.</summary>
    internal static long Number(this ClickHouseDataReader row, int column) => Convert.ToInt64(row.GetValue(column), CultureInfo.InvariantCulture);

    /// <summary>A time, which the tables hold in UTC.</summary>
    internal static DateTime Utc(this ClickHouseDataReader row, int column) => DateTime.SpecifyKind(row.GetDateTime(column), DateTimeKind.Utc);
}
