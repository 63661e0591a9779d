using System.Net.Http.Headers;
using System.Text;
using ClickHouse.Driver.ADO;

namespace SegOps.Warehouse;

/// <summary>
/// Inserts JSON lines over ClickHouse's HTTP interface. ClickHouse.Driver sends raw inserts only plain or as gzip, while the rows are
/// already compressed with zstd.
/// </summary>
public sealed class ClickHouseInserter(WarehouseHttpClient http, ClickHouseClientSettings connection)
{
    /// <summary>
    /// The insert is synchronous: an answer means that the rows are stored. It may touch any number of partitions, for back-dated events.
    /// Null and absent values are errors: a default would be data that the client did not send. A repeated insert that the table drops
    /// still reaches the materialized views, because the first attempt may have ended between the two. Rows are not merged before they are
    /// stored: that costs a fifth of the insert, and readers have to count each event once in any case.
    /// </summary>
    private const string Settings =
        "&async_insert=0&insert_deduplicate=1&deduplicate_blocks_in_dependent_materialized_views=1&max_partitions_per_insert_block=0"
        + "&optimize_on_insert=0&date_time_input_format=basic&input_format_skip_unknown_fields=1&input_format_null_as_default=0";

    /// <summary>Name of the database.</summary>
    public string Database => connection.Database;

    /// <summary>Inserts without retries; returns when ClickHouse has stored the rows.</summary>
    /// <exception cref="ClickHouseException">ClickHouse answered with an error.</exception>
    /// <exception cref="HttpRequestException">ClickHouse could not be reached, or the connection broke.</exception>
    public async Task InsertAsync(string table, IReadOnlyList<string> columns, InsertBody body, CancellationToken cancellationToken)
    {
        var statement = $"INSERT INTO `{Database}`.{table} ({string.Join(", ", columns)}) FORMAT JSONEachRow";
        var query = $"?query={Uri.EscapeDataString(statement)}&insert_deduplication_token={body.DeduplicationToken()}{Settings}";
        using var request = new HttpRequestMessage(HttpMethod.Post, Address(query)) { Content = body.ToContent() };
        request.Headers.Authorization = Credentials();

        using var response = await http.SendAsync(request, cancellationToken);
        var code = response.Headers.TryGetValues("X-ClickHouse-Exception-Code", out var values) ? values.FirstOrDefault() : null;
        if (!response.IsSuccessStatusCode || code is not null)
            throw ClickHouseException.From((int)response.StatusCode, code, await response.Content.ReadAsStringAsync(cancellationToken));
    }

    private Uri Address(string query) =>
        new UriBuilder(connection.Protocol, connection.Host, connection.Port, connection.Path ?? "/") { Query = query }.Uri;

    private AuthenticationHeaderValue Credentials() =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{connection.Username}:{connection.Password}")));
}
