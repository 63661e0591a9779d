using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SegOps.AppHost.Resources;

/// <summary>
/// Asks a part that starts for up to 4 s: every 100 ms while nothing listens, every 500 ms once it answers, since parts log that they are not ready.
/// Aspire itself asks at 0, 1, 3, 6, 10 and 15 s: whatever waits for a part would start up to 5 s later than it could.
/// </summary>
/// <param name="probe">Throws, or returns what is wrong; null when the part answers as it should.</param>
internal sealed class PatientHealthCheck(Func<CancellationToken, Task<string?>> probe) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Absent = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Unready = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var (problem, pause) = await AskAsync(cancellationToken);
            if (problem is null)
                return HealthCheckResult.Healthy();
            if (TimeProvider.System.GetElapsedTime(started) > Patience)
                return HealthCheckResult.Unhealthy(problem);
            await Task.Delay(pause, cancellationToken);
        }
    }

    private async Task<(string? Problem, TimeSpan Pause)> AskAsync(CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(ProbeTimeout);
        try
        {
            return (await probe(timeout.Token), Unready);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ("It does not answer in time.", Unready);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return (exception.Message, Absent);
        }
    }
}

/// <summary>Health checks that prove the protocol of a part rather than that its port is open.</summary>
internal static class HealthCheckExtensions
{
    private static readonly HttpClient Http = new();

    /// <summary>Healthy once <paramref name="probe"/> returns null.</summary>
    public static IResourceBuilder<T> WithPatientHealthCheck<T>(
        this IResourceBuilder<T> builder, string aspect, Func<CancellationToken, Task<string?>> probe)
        where T : IResource
    {
        var key = $"{builder.Resource.Name}_{aspect}";
        builder.ApplicationBuilder.Services.AddHealthChecks().Add(new(key, _ => new PatientHealthCheck(probe), failureStatus: null, tags: null));
        return builder.WithHealthCheck(key);
    }

    /// <summary>Healthy once a GET of <paramref name="path"/> is answered with 2xx.</summary>
    public static IResourceBuilder<T> WithPatientHttpHealthCheck<T>(this IResourceBuilder<T> builder, string aspect, string path)
        where T : IResourceWithEndpoints =>
        builder.WithPatientHealthCheck(aspect, async cancellationToken =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(new Uri(await UrlAsync(builder.Resource, cancellationToken)), path));
            using var response = await Http.SendAsync(request, cancellationToken);
            return response.IsSuccessStatusCode ? null : $"GET {path} was answered with status {(int)response.StatusCode}.";
        });

    /// <summary>The URL of the resource's endpoint http.</summary>
    public static async Task<string> UrlAsync(IResourceWithEndpoints resource, CancellationToken cancellationToken) =>
        await resource.GetEndpoint("http").GetValueAsync(cancellationToken) ?? throw new InvalidOperationException($"{resource.Name} has no address yet.");
}
