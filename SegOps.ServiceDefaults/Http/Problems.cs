using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace SegOps.ServiceDefaults.Http;

/// <summary>Writes error answers.</summary>
public static class Problems
{
    /// <summary>The media type of an error answer.</summary>
    public const string ContentType = "application/problem+json";

    // An apostrophe reads better than \u0027, and nobody puts problem+json into a page unescaped.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The trace that this request belongs to, 32 hex digits.</summary>
    public static string TraceId(HttpContext context) => Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;

    /// <summary>Answers with the problem that <paramref name="code"/> names, by default with the status that the catalogue gives it.</summary>
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

    /// <summary>Answers with <paramref name="problem"/>, which may be a kind of problem with more members.</summary>
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
            // A status of the framework's own choosing is the client's fault; anything else is ours and says no more than that.
            var status = exception is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError;
            var detail = exception is BadHttpRequestException ? exception.Message : null;
            await WriteAsync(context, ErrorCatalog.CodeFor(status), detail, status: status);
            return true;
        }
    }
}
