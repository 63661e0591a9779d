using System.Text.RegularExpressions;
using SegOps.EmbeddedClickHouse.Engine;

namespace SegOps.EmbeddedClickHouse.Http;

/// <summary>
/// A connection with a call's settings and database. It is a new connection, or the session's, whose own values are restored on disposal. All
/// members block.
/// </summary>
internal sealed partial class QueryScope : IDisposable
{
    private readonly Session? _session;
    private readonly TimeProvider _clock;
    private readonly List<string> _restore = [];

    private QueryScope(EngineHost engine, Session? session, TimeProvider clock)
    {
        _session = session;
        _clock = clock;
        Connection = session?.Connection ?? engine.Open();
    }

    /// <summary>The connection for the call's statement.</summary>
    public Connection Connection { get; }

    /// <summary>Opens the scope.</summary>
    /// <exception cref="EngineException">A setting or the database is unknown.</exception>
    public static QueryScope Open(EngineHost engine, Sessions sessions, TimeProvider clock, QueryRequest request)
    {
        var scope = new QueryScope(engine, sessions.Enter(request), clock);
        try
        {
            scope.Apply(request);
            return scope;
        }
        catch
        {
            scope.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (_session is null)
        {
            Connection.Dispose();
            return;
        }

        try
        {
            foreach (var sql in _restore)
                Connection.Execute(sql);
        }
        finally
        {
            _session.Leave(_clock);
        }
    }

    private void Apply(QueryRequest request)
    {
        foreach (var (name, _) in request.Settings)
        {
            if (!NamePattern().IsMatch(name))
                throw new EngineException(ErrorCode.UnknownSetting, "UNKNOWN_SETTING", $"Unknown setting '{name}'");
        }

        if (_session is not null)
            SaveSessionValues(request);
        if (request.Database is { } database)
            Connection.Execute($"USE {Identifier(database)}");

        // KILL QUERY finds queries by log_comment. Unlike the library, clickhouse-server has no implicit SELECT.
        var settings = request.Settings.Select(setting => $"{setting.Key} = {Literal(setting.Value)}");
        Connection.Execute($"SET {string.Join(", ", settings.Append($"log_comment = {Literal(request.QueryId)}").Prepend("implicit_select = 0"))}");
    }

    /// <summary>Saves the session's values that the call overrides, to restore them on disposal.</summary>
    private void SaveSessionValues(QueryRequest request)
    {
        if (request.Database is not null)
            _restore.Add($"USE {Identifier(Connection.QueryText("SELECT currentDatabase()"))}");
        if (request.Settings.Count == 0)
            return;

        var names = string.Join(", ", request.Settings.Select(setting => Literal(setting.Key)));
        var values = Connection.QueryText(
            "SELECT arrayStringConcat(groupArray(name || ' = \\'' || replaceAll(replaceAll(value, '\\\\', '\\\\\\\\'), '\\'', '\\\\\\'') || '\\''), ', ') " +
            $"FROM system.settings WHERE name IN ({names})");
        if (values.Length > 0)
            _restore.Add($"SET {values}");
    }

    private static string Literal(string value) =>
        $"'{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";

    private static string Identifier(string name) =>
        $"`{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("`", "\\`", StringComparison.Ordinal)}`";

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex NamePattern();
}
