using System.Net;

namespace SegOps.AppHost.Resources.ClickHouse;

internal static class ClickHouseHealthCheck
{
    private static readonly HttpClient Http = new();

    /// <summary>Healthy when a query as the user segops succeeds. /ping would not verify the password.</summary>
    public static IResourceBuilder<T> WithSelectHealthCheck<T>(this IResourceBuilder<T> builder)
        where T : IClickHouseResource =>
        builder.WithPollingHealthCheck("select", async cancellationToken =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(await HealthCheckExtensions.UrlAsync(builder.Resource, cancellationToken)))
            {
                Content = new StringContent("SELECT 1"),
            };
            request.Headers.Add("X-ClickHouse-User", IClickHouseResource.Segops);
            request.Headers.Add("X-ClickHouse-Key", await builder.Resource.Password.GetValueAsync(cancellationToken));
            using var response = await Http.SendAsync(request, cancellationToken);
            return response.StatusCode switch
            {
                HttpStatusCode.OK => null,
                HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized => "It rejects the password: its data was created with another one.",
                var status => $"SELECT 1 returned status {(int)status}.",
            };
        });
}
