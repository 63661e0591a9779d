using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using SegOps.Tests.Unit.Docs;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Gateway.Reference;

/// <summary>Holds the document's paths against the routes of the services behind the gateway.</summary>
public sealed class RouteTests
{
    private static readonly string[] Settings =
    [
        $"--Internal:Secret={GatewayUnderTest.Secret}", "--ConnectionStrings:pubsub=Endpoint=http://127.0.0.1:1;ProjectId=test",
        "--ConnectionStrings:clickhouse=Host=127.0.0.1;Port=1", "--ConnectionStrings:redis=" + Nowhere.Redis, "--services:ingestor:http:0=http://127.0.0.1:1",
        "--services:ingestion:http:0=http://127.0.0.1:1",
    ];

    [Fact]
    public async Task Document_ItsOperations_AreTheServicesRoutesBelowApi()
    {
        await using var ingestion = SegOps.Ingestion.Program.Build(Settings);
        await using var monitoring = SegOps.Monitoring.Program.Build(Settings);
        await using var segments = SegOps.Segments.Program.Build(Settings);

        var routes = Routes(ingestion).Concat(Routes(monitoring)).Concat(Routes(segments)).Order(StringComparer.Ordinal);

        Assert.Equal(routes, ApiDescription.Operations.Select(operation => $"{operation.Method} {operation.Path.TrimEnd('/')}").Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Routes(WebApplication app) =>
        from endpoint in ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
        let path = "/" + endpoint.RoutePattern.RawText!.Trim('/')
        where path.StartsWith("/api/", StringComparison.Ordinal)
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["ANY"]
        select $"{method} {path}";
}
