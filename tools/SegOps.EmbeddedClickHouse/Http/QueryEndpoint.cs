using SegOps.EmbeddedClickHouse.Engine;
using SegOps.EmbeddedClickHouse.Sql;

namespace SegOps.EmbeddedClickHouse.Http;

/// <summary>Runs the statement of a call and answers it.</summary>
internal sealed partial class QueryEndpoint(
    EngineHost engine, Authentication authentication, Sessions sessions, RunningQueries queries, TimeProvider clock, ILogger<QueryEndpoint> logger)
{
    /// <summary>Answers a call. Every failure becomes an error in ClickHouse's form.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var answer = new Answer(context, engine, clock);
        try
        {
            var request = await QueryRequest.ReadAsync(context.Request, context.RequestAborted);
            authentication.Check(context.Request, request);
            answer.QueryId = request.QueryId;
            await RunAsync(request, answer, context.RequestAborted);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            LogAborted();
        }
        catch (EngineException exception)
        {
            await answer.FailAsync(exception);
        }
        catch (Exception exception) when (BodyDecoder.IsBadBody(exception))
        {
            await answer.FailAsync(new(ErrorCode.CannotReadAllData, "CANNOT_READ_ALL_DATA", $"Cannot read the request's body: {exception.Message}"));
        }
        catch (Exception exception)
        {
            LogFailed(exception);
            await answer.FailAsync(new(ErrorCode.UnknownException, "UNKNOWN_EXCEPTION", "The embedded ClickHouse failed: see its log"));
        }
    }

    private async Task RunAsync(QueryRequest request, Answer answer, CancellationToken cancellationToken)
    {
        using var statement = await StatementReader.ReadAsync(request, cancellationToken);
        await using var running = queries.Enter(request.QueryId, cancellationToken);
        if (statement.Insert is { } insert)
        {
            if (request.IsReadOnly)
                throw ReadOnlyCall();
            await answer.StoredAsync(await new InsertRun(engine, sessions, clock, request, insert).RunAsync(statement.Head, cancellationToken));
        }
        else
        {
            await QueryAsync(request, statement.Head.ToArray(), answer, cancellationToken);
        }
    }

    private async Task QueryAsync(QueryRequest request, byte[] sql, Answer answer, CancellationToken cancellationToken)
    {
        var facts = StatementFacts.Read(sql);
        var format = facts.Format ?? request.DefaultFormat;
        if (facts.FirstWord is "")
            throw new EngineException(ErrorCode.SyntaxError, "SYNTAX_ERROR", "Syntax error: Empty query");
        if (facts.FirstWord is "KILL")
        {
            // Must not wait for the queries that it ends.
            using var killed = await Task.Run(() => Query(request, StatementFacts.WithClientQueryIds(sql)), CancellationToken.None);
            await answer.WholeAsync(killed.Result, format);
        }
        else if (facts.IsSelect && OutputFormats.IsStreamable(format) && !request.WaitsForEnd && !IsOneArray(request, sql))
        {
            await using var stream = new SelectRun(engine, request);
            await answer.StreamAsync(await stream.StartAsync(() => Open(request, sql), sql, cancellationToken), stream, format);
        }
        else
        {
            using var whole = await engine.RunAsync(() => Query(request, sql), cancellationToken);
            await answer.WholeAsync(whole.Result, format);
        }
    }

    private WholeRun Query(QueryRequest request, byte[] sql)
    {
        var scope = Open(request, sql);
        try
        {
            return new(scope, scope.Connection.Query(sql, request.DefaultFormat, request.Parameters));
        }
        catch
        {
            scope.Dispose();
            throw;
        }
    }

    private QueryScope Open(QueryRequest request, byte[] sql)
    {
        var scope = QueryScope.Open(engine, sessions, clock, request);
        if (!request.IsReadOnly || scope.Connection.Classify(sql) is StatementClass.ReadOnly or StatementClass.Unknown
            || StatementFacts.Read(sql).FirstWord is "SET" or "USE")
            return scope;

        scope.Dispose();
        throw ReadOnlyCall();
    }

    /// <summary>Whether the result is one JSON array, whose brackets every chunk would repeat.</summary>
    private static bool IsOneArray(QueryRequest request, byte[] sql) =>
        request.Field("output_format_json_array_of_rows") is not null || sql.AsSpan().IndexOf("output_format_json_array_of_rows"u8) >= 0;

    private static EngineException ReadOnlyCall() => new(ErrorCode.Readonly, "READONLY",
        "default: Cannot execute query in readonly mode. For queries over HTTP, method GET implies readonly. You should use method POST for modifying queries.");

    [LoggerMessage(Level = LogLevel.Debug, Message = "A client disconnected before its answer.")]
    private partial void LogAborted();

    [LoggerMessage(Level = LogLevel.Error, Message = "A query failed with an unexpected error.")]
    private partial void LogFailed(Exception exception);

    private sealed record WholeRun(QueryScope Scope, EngineResult Result) : IDisposable
    {
        public void Dispose()
        {
            Result.Dispose();
            Scope.Dispose();
        }
    }
}
