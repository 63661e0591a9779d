using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SegOps.EmbeddedClickHouse.Engine;
using SegOps.EmbeddedClickHouse.Sql;

namespace SegOps.EmbeddedClickHouse.Http;

/// <summary>Writes answers in clickhouse-server's form: results, summaries, and errors before or within a result.</summary>
internal sealed class Answer(HttpContext context, EngineHost engine, TimeProvider clock)
{
    private const int WriteSize = 1 << 20;

    private readonly string _tag = RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz", 16);
    private readonly long _started = clock.GetTimestamp();

    /// <summary>The query's id, once it is known.</summary>
    public string? QueryId { get; set; }

    /// <summary>Answers an INSERT, without a body.</summary>
    public Task StoredAsync(QueryStatistics statistics)
    {
        Start(statistics, null);
        return Task.CompletedTask;
    }

    /// <summary>Sends a whole result.</summary>
    public async Task WholeAsync(EngineResult result, string format)
    {
        Start(result.Statistics, format);
        context.Response.ContentLength = result.Length;
        await WriteAsync(result, 0);
    }

    /// <summary>Sends a result in chunks. The header that each chunk repeats is sent once.</summary>
    public async Task StreamAsync(EngineResult? chunk, SelectRun run, string format)
    {
        var header = 0;
        for (var first = true; first || chunk is not null; first = false)
        {
            if (first)
                Start(chunk?.Statistics ?? default, format);
            using (chunk)
            {
                if (chunk is not null)
                    await WriteAsync(chunk, header);
                if (first && chunk is not null)
                    header = OutputFormats.RepeatedHeader(format, chunk.Slice(0, (int)Math.Min(chunk.Length, int.MaxValue)).Span);
            }

            if (chunk is not null)
                chunk = await run.NextAsync(context.RequestAborted);
        }
    }

    /// <summary>Sends an error as the answer. After rows were sent, appends it and aborts the connection before the last HTTP chunk.</summary>
    public async Task FailAsync(EngineException error)
    {
        var response = context.Response;
        var message = $"{error.Message.TrimEnd('\n')}{(error.Message.Contains("(version ", StringComparison.Ordinal) ? "" : $" (version {engine.Version})")}\n";
        if (response.HasStarted)
        {
            var text = Encoding.UTF8.GetBytes(message);
            await response.Body.WriteAsync(Encoding.UTF8.GetBytes(
                $"\r\n__exception__\r\n{_tag}\r\n{message}{text.Length.ToString(CultureInfo.InvariantCulture)} {_tag}\r\n__exception__\r\n"));
            await response.Body.FlushAsync();
            context.Abort();
            return;
        }

        response.Clear();
        response.StatusCode = HttpStatus.Of(error.Code);
        Start(default, null);
        response.Headers["X-ClickHouse-Exception-Code"] = error.Code.ToString(CultureInfo.InvariantCulture);
        await response.WriteAsync(message, CancellationToken.None);
    }

    private void Start(QueryStatistics statistics, string? format)
    {
        var headers = context.Response.Headers;
        headers.ContentType = format is null ? "text/plain; charset=UTF-8" : OutputFormats.ContentType(format);
        headers["X-ClickHouse-Server-Display-Name"] = Environment.MachineName;
        headers["X-ClickHouse-Timezone"] = engine.Timezone;
        headers["X-ClickHouse-Exception-Tag"] = _tag;
        headers["X-ClickHouse-Summary"] = Summary(statistics);
        if (QueryId is not null)
            headers["X-ClickHouse-Query-Id"] = Uri.EscapeDataString(QueryId);
        if (format is not null)
            headers["X-ClickHouse-Format"] = format;
    }

    private string Summary(QueryStatistics statistics) => string.Create(CultureInfo.InvariantCulture,
        $$"""{"read_rows":"{{statistics.ReadRows}}","read_bytes":"{{statistics.ReadBytes}}","written_rows":"{{statistics.WrittenRows}}","written_bytes":"{{statistics.WrittenBytes}}","total_rows_to_read":"0","result_rows":"{{statistics.ResultRows}}","result_bytes":"0","elapsed_ns":"{{(long)clock.GetElapsedTime(_started).TotalNanoseconds}}"}""");

    private async Task WriteAsync(EngineResult result, long offset)
    {
        while (offset < result.Length)
        {
            var part = result.Slice(offset, (int)Math.Min(WriteSize, result.Length - offset));
            await context.Response.Body.WriteAsync(part, context.RequestAborted);
            offset += part.Length;
        }
    }
}
