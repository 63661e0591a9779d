using System.Collections.Frozen;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using SegOps.EmbeddedClickHouse.Engine;
using SegOps.EmbeddedClickHouse.Sql;

namespace SegOps.EmbeddedClickHouse.Http;

/// <summary>A call of ClickHouse's HTTP interface, parsed from URL parameters, headers and form fields.</summary>
internal sealed class QueryRequest
{
    private const int FormValueLimit = 16 << 20;

    // The parameters that src/Server/HTTPHandler.cpp does not treat as settings.
    private static readonly FrozenSet<string> Reserved = new[]
    {
        "", "query", "compress", "decompress", "user", "password", "quota_key", "query_id", "stacktrace", "role", "buffer_size", "wait_end_of_query",
        "session_id", "session_timeout", "session_check", "client_protocol_version", "close_session", "database", "default_format", "log_comment",
    }.ToFrozenSet();

    private readonly Dictionary<string, string> _fields;
    private readonly HttpRequest _request;

    private QueryRequest(HttpRequest request, Dictionary<string, string> fields, Stream body)
    {
        _request = request;
        _fields = fields;
        Body = body;
        QueryId = Field("query_id") ?? Header("X-ClickHouse-Query-Id") ?? Guid.NewGuid().ToString();
        Parameters = fields.Where(field => field.Key.StartsWith("param_", StringComparison.Ordinal)).ToDictionary(field => field.Key[6..], field => field.Value);
        Settings = [.. fields.Where(field => !Reserved.Contains(field.Key) && !field.Key.StartsWith("param_", StringComparison.Ordinal))];
    }

    /// <summary>The client's id of the query, or a new one.</summary>
    public string QueryId { get; }

    /// <summary>The start of the statement. The body has the rest.</summary>
    public string Query => Field("query") ?? "";

    /// <summary>The decoded body.</summary>
    public Stream Body { get; }

    /// <summary>Values of the parameters <c>{name:Type}</c>.</summary>
    public Dictionary<string, string> Parameters { get; }

    /// <summary>Settings for this query.</summary>
    public List<KeyValuePair<string, string>> Settings { get; }

    /// <summary>The current database for this query.</summary>
    public string? Database => Header("X-ClickHouse-Database") ?? Field("database");

    /// <summary>The result's format if the statement names none.</summary>
    public string DefaultFormat => Header("X-ClickHouse-Format") ?? Field("default_format") ?? OutputFormats.Default;

    /// <summary>Whether the call may only read: GET and HEAD, as in clickhouse-server.</summary>
    public bool IsReadOnly => HttpMethods.IsGet(_request.Method) || HttpMethods.IsHead(_request.Method);

    /// <summary>Whether the answer starts after the query has ended, so that an error never follows rows.</summary>
    public bool WaitsForEnd => Flag("wait_end_of_query") || Flag("http_wait_end_of_query");

    /// <summary>Returns a URL parameter or form field. Null if it is absent or empty.</summary>
    public string? Field(string name) => _fields.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    /// <summary>Whether a field is 1 or true.</summary>
    public bool Flag(string name) => Field(name) is "1" or "true";

    /// <summary>Reads the parameters, and the body if it is a form.</summary>
    /// <exception cref="EngineException">The request uses an unsupported feature.</exception>
    public static async Task<QueryRequest> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        Dictionary<string, string> fields = [];
        foreach (var (name, values) in request.Query)
            fields[name] = values[^1] ?? "";

        var body = BodyDecoder.Decode(request);
        if (request.HasFormContentType && request.ContentType!.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            await ReadFormAsync(request, body, fields, cancellationToken);
            body = Stream.Null;
        }

        foreach (var flag in (string[])["compress", "decompress"])
        {
            if (fields.TryGetValue(flag, out var value) && value is not ("" or "0" or "false"))
                throw new EngineException(ErrorCode.NotImplemented, "NOT_IMPLEMENTED", $"The embedded ClickHouse does not support the native compression of '{flag}'");
        }

        return new(request, fields, body);
    }

    private static async Task ReadFormAsync(HttpRequest request, Stream body, Dictionary<string, string> fields, CancellationToken cancellationToken)
    {
        var boundary = Microsoft.Net.Http.Headers.MediaTypeHeaderValue.Parse(request.ContentType).Boundary.ToString().Trim('"');
        var reader = new MultipartReader(boundary, body);
        while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
        {
            if (section.AsFormDataSection() is not { } field)
                throw new EngineException(ErrorCode.NotImplemented, "NOT_IMPLEMENTED", "The embedded ClickHouse does not support external tables");

            using var text = new StreamReader(field.Section.Body, Encoding.UTF8);
            var value = await text.ReadToEndAsync(cancellationToken);
            if (value.Length > FormValueLimit)
                throw new EngineException(ErrorCode.BadArguments, "BAD_ARGUMENTS", "A form field is too large");
            fields[field.Name] = value;
        }
    }

    private string? Header(string name) => _request.Headers.TryGetValue(name, out var value) && value.ToString() is { Length: > 0 } text ? text : null;
}
