using System.Net;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Monitoring;

/// <summary>Reads a live stream as a browser would; open once it is returned.</summary>
internal sealed class LiveClient : IAsyncDisposable
{
    private readonly HttpResponseMessage _answer;
    private readonly StreamReader _reader;

    private LiveClient(HttpResponseMessage answer, StreamReader reader) => (_answer, _reader) = (answer, reader);

    public static async Task<LiveClient> OpenAsync(
        MonitoringUnderTest monitoring, string project, string query = "", string environment = Environments.Live)
    {
        var answer = await monitoring.GetAsync("/api/monitoring/live" + query, project, environment, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        var client = new LiveClient(answer, new StreamReader(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)));
        await client.CommentAsync();
        return client;
    }

    /// <summary>The next event, comments skipped; null at the stream's end.</summary>
    public async Task<(string Type, JsonElement Data)?> NextAsync()
    {
        var text = new StringBuilder();
        while (await LineAsync() is { } line)
        {
            if (line.Length > 0 && line[0] != ':')
                text.Append(line).Append('\n');
            else if (text.Length > 0)
                return Parse(text.Append('\n').ToString());
        }

        return null;
    }

    /// <summary>The id of the next event.</summary>
    public async Task<Guid> NextIdAsync()
    {
        var (type, data) = (await NextAsync())!.Value;
        Assert.Equal("event", type);
        return data.GetProperty("event_id").GetGuid();
    }

    /// <summary>Waits for the next comment, before which nothing else may come.</summary>
    public async Task CommentAsync()
    {
        Assert.Equal(":", await LineAsync());
        Assert.Equal("", await LineAsync());
    }

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        _answer.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task<string?> LineAsync() => _reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().Patiently();

    private static (string, JsonElement) Parse(string text)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        var item = SseParser.Create(stream).Enumerate().Single();
        return (item.EventType, JsonElement.Parse(item.Data));
    }
}
