using System.Buffers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Features;
using SegOps.Monitoring.Events;

namespace SegOps.Monitoring.Live;

/// <summary>
/// Data of <c>event: sampled</c>: not all events were shown. <paramref name="Of"/> counts at most <see cref="RecentEvents.MaxEventsPerFilter"/> of a
/// second; then there are as many or more.
/// </summary>
internal sealed record SampledAnswer(int Shown, int Of);

/// <summary>
/// Writes a stream as server-sent events. A comment line opens the stream, and further ones keep it alive. ASP.NET Core's
/// result cannot write them.
/// </summary>
internal static class LiveResponse
{
    /// <summary>Maximum time without a line.</summary>
    internal static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    private static readonly byte[] Comment = ":\n\n"u8.ToArray();

    /// <summary>Writes until <paramref name="end"/>.</summary>
    internal static async Task WriteAsync(HttpContext context, LiveStream stream, TimeProvider clock, CancellationToken end)
    {
        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
        try
        {
            await response.Body.WriteAsync(Comment, end);
            while (true)
            {
                var batch = stream.ReadAsync(end);
                while (!await ComesInTimeAsync(batch, clock, end))
                    await response.Body.WriteAsync(Comment, end);
                await SseFormatter.WriteAsync(ItemsAsync(await batch), response.Body, Format, context.RequestAborted);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The answer is complete. The client opens the next stream.
        }
    }

    private static async Task<bool> ComesInTimeAsync(Task batch, TimeProvider clock, CancellationToken end)
    {
        try
        {
            await batch.WaitAsync(Heartbeat, clock, end);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static async IAsyncEnumerable<SseItem<object>> ItemsAsync(LiveBatch batch)
    {
        await Task.CompletedTask;
        foreach (var stored in batch.Events)
            yield return new(stored, "event");
        if (batch.Of > batch.Events.Count)
            yield return new(new SampledAnswer(batch.Events.Count, batch.Of), "sampled");
    }

    private static void Format(SseItem<object> item, IBufferWriter<byte> output)
    {
        using var writer = new Utf8JsonWriter(output);
        if (item.Data is StoredEvent stored)
            JsonSerializer.Serialize(writer, stored, LiveJson.Default.StoredEvent);
        else
            JsonSerializer.Serialize(writer, (SampledAnswer)item.Data, LiveJson.Default.SampledAnswer);
    }
}

/// <summary>Serialisation of a stream's data.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredEvent))]
[JsonSerializable(typeof(SampledAnswer))]
internal sealed partial class LiveJson : JsonSerializerContext;
