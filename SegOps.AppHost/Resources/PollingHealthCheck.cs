using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SegOps.AppHost.Resources;

/// <summary>
/// Polls a starting part for up to 4 s: every 100 ms while nothing listens, then every 500 ms, because parts log each probe while they are not
/// ready. Aspire itself polls at 0, 1, 3, 6, 10 and 15 s, which would delay dependent parts by up to 5 s.
/// </summary>
/// <param name="probe">Returns null if the part is healthy, else the problem. May throw.</param>
internal sealed class PollingHealthCheck(Func<CancellationToken, Task<string?>> probe) : IHealthCheck
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan UnreachableDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan UnhealthyDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var (problem, delay) = await ProbeAsync(cancellationToken);
            if (problem is null)
                return HealthCheckResult.Healthy();
            if (TimeProvider.System.GetElapsedTime(started) > Timeout)
                return HealthCheckResult.Unhealthy(problem);
            await Task.Delay(delay, cancellationToken);
        }
    }

    private async Task<(string? Problem, TimeSpan Delay)> ProbeAsync(CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(ProbeTimeout);
        try
        {
            return (await probe(timeout.Token), UnhealthyDelay);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ("It does not answer in time.", UnhealthyDelay);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return (exception.Message, UnreachableDelay);
        }
    }
}

/// <summary>Health checks that use the part's protocol. An open port does not prove that it works.</summary>
internal static class HealthCheckExtensions
{
    private static readonly HttpClient Http = new();

    /// <summary>Healthy when <paramref name="probe"/> returns null.</summary>
    public static IResourceBuilder<T> WithPollingHealthCheck<T>(
        this IResourceBuilder<T> builder, string aspect, Func<CancellationToken, Task<string?>> probe)
        where T : IResource
    {
        var key = $"{builder.Resource.Name}_{aspect}";
        builder.ApplicationBuilder.Services.AddHealthChecks().Add(new(key, _ => new PollingHealthCheck(probe), failureStatus: null, tags: null));
        return builder.WithHealthCheck(key);
    }

    /// <summary>Healthy when GET <paramref name="path"/> returns 2xx.</summary>
    public static IResourceBuilder<T> WithPollingHttpHealthCheck<T>(this IResourceBuilder<T> builder, string aspect, string path)
        where T : IResourceWithEndpoints =>
        builder.WithPollingHealthCheck(aspect, async cancellationToken =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(new Uri(await UrlAsync(builder.Resource, cancellationToken)), path));
            using var response = await Http.SendAsync(request, cancellationToken);
            return response.IsSuccessStatusCode ? null : $"GET {path} returned status {(int)response.StatusCode}.";
        });

    /// <summary>The URL of the resource's endpoint <c>http</c>.</summary>
    public static async Task<string> UrlAsync(IResourceWithEndpoints resource, CancellationToken cancellationToken) =>
        await resource.GetEndpoint("http").GetValueAsync(cancellationToken) ?? throw new InvalidOperationException($"{resource.Name} has no address yet.");
}
