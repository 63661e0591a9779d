using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using SegOps.Contracts;

namespace SegOps.ServiceDefaults.Http;

/// <summary>Writes error answers.</summary>
public static class Problems
{
    /// <summary>The media type of an error answer.</summary>
    public const string ContentType = "application/problem+json";

    // Keeps apostrophes readable in terminals. Clients do not insert problem+json into pages unescaped.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The request's W3C trace id, 32 hexadecimal digits.</summary>
    public static string TraceId(HttpContext context) => Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;

    /// <summary>Answers with the problem of <paramref name="code"/>. <paramref name="status"/> replaces the status of the catalogue.</summary>
    public static Task WriteAsync(HttpContext context, string code, string? detail = null, TimeSpan? retryAfter = null, int? status = null)
    {
        if (retryAfter is { } delay)
            context.Response.Headers.RetryAfter = ((long)Math.Ceiling(delay.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);

        return WriteAsync(context, new Problem
        {
            Type = ErrorCatalog.TypeBase + code,
            Title = ErrorCatalog.TitleOf(code),
            Status = status ?? ErrorCatalog.StatusOf(code),
            Detail = detail,
            Code = code,
            TraceId = TraceId(context),
        }, ProblemJson.Default.Problem);
    }

    /// <summary>Answers with <paramref name="problem"/>, whose type may add members.</summary>
    public static async Task WriteAsync<TProblem>(HttpContext context, TProblem problem, JsonTypeInfo<TProblem> json)
        where TProblem : Problem
    {
        context.Response.StatusCode = problem.Status;
        context.Response.ContentType = ContentType;
        await using (var writer = new Utf8JsonWriter(context.Response.BodyWriter, Readable))
            JsonSerializer.Serialize(writer, problem, json);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    internal static IServiceCollection AddProblems(this IServiceCollection services) =>
        services.AddExceptionHandler<ProblemExceptionHandler>();

    internal static IApplicationBuilder UseProblems(this IApplicationBuilder app)
    {
        app.UseExceptionHandler(_ => { });
        return app.UseStatusCodePages(context =>
        {
            var status = context.HttpContext.Response.StatusCode;
            return WriteAsync(context.HttpContext, ErrorCatalog.CodeFor(status), status: status);
        });
    }

    private sealed class ProblemExceptionHandler : IExceptionHandler
    {
        public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
        {
            // Only BadHttpRequestException is the client's error. The answer does not reveal the cause of other exceptions.
            var status = exception is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError;
            var detail = exception is BadHttpRequestException ? exception.Message : null;
            await WriteAsync(context, ErrorCatalog.CodeFor(status), detail, status: status);
            return true;
        }
    }
}

/// <summary>An error answer: RFC 9457 problem details with a stable code and the trace id.</summary>
public class Problem
{
    /// <summary>A URI that identifies the kind of problem.</summary>
    [JsonPropertyOrder(-6)]
    public required string Type { get; init; }

    /// <summary>The kind of problem; equal for every occurrence.</summary>
    [JsonPropertyOrder(-5)]
    public required string Title { get; init; }

    /// <summary>The HTTP status.</summary>
    [JsonPropertyOrder(-4)]
    public required int Status { get; init; }

    /// <summary>The problem of this request and its correction.</summary>
    [JsonPropertyOrder(-3)]
    public string? Detail { get; init; }

    /// <summary>The stable code, one of <see cref="ErrorCatalog.Codes"/>.</summary>
    [JsonPropertyOrder(-2)]
    public required string Code { get; init; }

    /// <summary>The request's W3C trace id in traces and logs.</summary>
    [JsonPropertyOrder(-1), JsonPropertyName("traceId")]
    public required string TraceId { get; init; }
}

/// <summary>Serialisation of <see cref="Problem"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Problem))]
public sealed partial class ProblemJson : JsonSerializerContext;
