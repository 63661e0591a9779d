using System.Globalization;
using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using ClickHouse.Driver.Utility;

namespace SegOps.Warehouse;

/// <summary>Parameters and values of queries.</summary>
public static class QueryValues
{
    /// <summary>The condition that isolates projects and environments. It uses the parameters of <see cref="Project(string, string)"/>.</summary>
    public const string OfProject = "project_id = {project:String} AND environment = {environment:String}";

    /// <summary>The parameters <c>project</c> and <c>environment</c>.</summary>
    public static ClickHouseParameterCollection Project(string project, string environment) =>
        new ClickHouseParameterCollection().With("project", project).With("environment", environment);

    /// <summary>The same, with <c>from</c> and <c>to</c> as Unix times in seconds.</summary>
    public static ClickHouseParameterCollection Project(string project, string environment, DateTime from, DateTime to) =>
        Project(project, environment)
            .With("from", new DateTimeOffset(from).ToUnixTimeSeconds())
            .With("to", new DateTimeOffset(to).ToUnixTimeSeconds());

    /// <summary>Adds a parameter.</summary>
    public static ClickHouseParameterCollection With(this ClickHouseParameterCollection parameters, string name, object value)
    {
        parameters.AddParameter(name, value);
        return parameters;
    }

    /// <summary>Formats ids as a list within the statement. Parameters are part of the URL, which is too short for a thousand ids.</summary>
    public static string List(IEnumerable<Guid> ids) => $"({string.Join(", ", ids.Select(id => $"'{id}'").DefaultIfEmpty("NULL"))})";

    /// <summary>Microseconds since 1970, as ClickHouse's <c>fromUnixTimestamp64Micro</c> takes them.</summary>
    public static long Micros(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Converts microseconds since 1970 to a time.</summary>
    public static DateTimeOffset Time(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);

    /// <summary>Reads an integer of any width.</summary>
    public static long Number(this ClickHouseDataReader row, int column) => Convert.ToInt64(row.GetValue(column), CultureInfo.InvariantCulture);

    /// <summary>Reads a time, which is UTC in the tables.</summary>
    public static DateTime Utc(this ClickHouseDataReader row, int column) => DateTime.SpecifyKind(row.GetDateTime(column), DateTimeKind.Utc);
}
