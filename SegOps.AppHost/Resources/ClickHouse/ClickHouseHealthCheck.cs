using System.Net;

namespace SegOps.AppHost.Resources.ClickHouse;

internal static class ClickHouseHealthCheck
{
    private static readonly HttpClient Http = new();

    /// <summary>Healthy once a query of the user segops is answered: a server that lets nobody in, or nobody with our password, is of no use.</summary>
    public static IResourceBuilder<T> WithSelectHealthCheck<T>(this IResourceBuilder<T> builder)
        where T : IClickHouseResource =>
        builder.WithPatientHealthCheck("select", async cancellationToken =>
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
                HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized => "It does not accept the password; its data were made with another one.",
                var status => $"SELECT 1 was answered with status {(int)status}.",
            };
        });
}
