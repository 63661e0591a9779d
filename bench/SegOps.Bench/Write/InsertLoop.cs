using System.Net.Http.Headers;
using System.Text;
using ClickHouse.Driver.ADO;

namespace SegOps.Bench.Write;

/// <summary>The simplest loop that inserts rows: sequential POSTs of the same size as the ingestor's.</summary>
internal sealed class InsertLoop : IDisposable
{
    private const int MessagesPerInsert = 100_000 / RowMessage.Rows; // The default of Ingestor:BatchRows.

    private readonly HttpClient _http = new();
    private readonly Uri _address;

    internal InsertLoop(string connectionString)
    {
        var settings = new ClickHouseClientSettings(connectionString);
        _address = new UriBuilder(settings.Protocol, settings.Host, settings.Port, "/")
        {
            Query = $"?database={settings.Database}&query={Uri.EscapeDataString("INSERT INTO events FORMAT JSONEachRow")}",
        }.Uri;
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{settings.Username}:{settings.Password}")));
    }

    /// <summary>Inserts all rows.</summary>
    internal async Task RunAsync(IEnumerable<RowMessage> messages, CancellationToken cancellationToken)
    {
        foreach (var chunk in messages.Chunk(MessagesPerInsert))
        {
            using var body = new MemoryStream();
            foreach (var message in chunk)
                body.Write(message.Data);
            using var content = new ByteArrayContent(body.GetBuffer(), 0, (int)body.Length);
            content.Headers.ContentEncoding.Add("zstd");
            using var answer = await _http.PostAsync(_address, content, cancellationToken);
            answer.EnsureSuccessStatusCode();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}
