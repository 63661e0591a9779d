using System.Buffers;
using SegOps.EmbeddedClickHouse.Engine;
using SegOps.EmbeddedClickHouse.Sql;

namespace SegOps.EmbeddedClickHouse.Http;

/// <summary>An INSERT that streams its data into the engine in chunks. An incomplete body stores nothing.</summary>
internal sealed class InsertRun(EngineHost engine, Sessions sessions, TimeProvider clock, QueryRequest request, InsertStatement statement)
{
    /// <summary>Bytes of a chunk: large enough to make the cost of a call negligible, small enough to hold for every client.</summary>
    private const int ChunkSize = 1 << 20;

    private const string InputTable = "_segops_input";

    /// <summary>Runs the INSERT.</summary>
    /// <param name="head">The data that were read with the statement.</param>
    /// <param name="cancellationToken">Cancels the insert while data are missing. Set when the client disconnects.</param>
    /// <exception cref="EngineException">The statement or the data were refused.</exception>
    public async Task<QueryStatistics> RunAsync(ReadOnlyMemory<byte> head, CancellationToken cancellationToken)
    {
        var scope = await engine.RunAsync(() => QueryScope.Open(engine, sessions, clock, request), cancellationToken);
        try
        {
            return statement.Input is { } input
                ? await ThroughInputAsync(scope.Connection, input, head, cancellationToken)
                : await StoreAsync(scope.Connection, statement.Sql, head, cancellationToken);
        }
        finally
        {
            await Task.Run(scope.Dispose, CancellationToken.None);
        }
    }

    private async Task<QueryStatistics> StoreAsync(Connection connection, byte[] sql, ReadOnlyMemory<byte> head, CancellationToken cancellationToken)
    {
        var stream = await engine.RunAsync(() => connection.StreamInsert(sql, statement.Format, request.Parameters), cancellationToken);
        try
        {
            await AppendAsync(stream, head, cancellationToken);
            return await engine.RunAsync(stream.Finish, CancellationToken.None);
        }
        finally
        {
            await Task.Run(stream.Dispose, CancellationToken.None);
        }
    }

    private async Task AppendAsync(InsertStream stream, ReadOnlyMemory<byte> head, CancellationToken cancellationToken)
    {
        if (!await engine.RunAsync(() => stream.Append(head.Span), cancellationToken))
            return;

        var buffer = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            while (true)
            {
                var length = await request.Body.ReadAtLeastAsync(buffer, ChunkSize, throwOnEndOfStream: false, cancellationToken);
                if (length > 0 && !await engine.RunAsync(() => stream.Append(buffer.AsSpan(0, length)), cancellationToken))
                    return;
                if (length < ChunkSize)
                    return;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Inserts through a temporary table in memory, because the engine's insert streams do not support input().</summary>
    private async Task<QueryStatistics> ThroughInputAsync(Connection connection, InputFunction input, ReadOnlyMemory<byte> head, CancellationToken cancellationToken)
    {
        var sql = statement.Sql;
        await engine.RunAsync(() =>
        {
            var structure = connection.QueryText($"SELECT {System.Text.Encoding.UTF8.GetString(sql[input.Arguments..(input.End - 1)])}");
            connection.Execute($"CREATE OR REPLACE TEMPORARY TABLE {InputTable} ({structure}) ENGINE = Memory");
            return structure;
        }, cancellationToken);
        await StoreAsync(connection, [.. "INSERT INTO "u8, .. System.Text.Encoding.UTF8.GetBytes(InputTable)], head, cancellationToken);
        return await engine.RunAsync(() =>
        {
            byte[] select = [.. sql[..input.Start], .. System.Text.Encoding.UTF8.GetBytes(InputTable), .. sql[input.End..]];
            using var result = connection.Query(select, "Null", request.Parameters);
            connection.Execute($"DROP TABLE {InputTable}");
            return result.Statistics;
        }, CancellationToken.None);
    }
}
