using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Gateway.Security;

/// <summary>Calls straight to the services behind the gateway, to every route that they have.</summary>
public sealed class InternalSecretTests
{
    private static readonly string[] Settings =
    [
        "--urls=http://127.0.0.1:0", $"--Internal:Secret={GatewayUnderTest.Secret}", "--ConnectionStrings:pubsub=Endpoint=http://127.0.0.1:1;ProjectId=test",
        "--ConnectionStrings:clickhouse=Host=127.0.0.1;Port=1;Username=segops;Password=none;Database=segops", "--ConnectionStrings:redis=" + Nowhere.Redis,
    ];

    public static TheoryData<string, string[]> Attempts => new()
    {
        { "none", [] },
        { "empty", [""] },
        { "wrong", ["another-internal-secret-of-these-tests"] },
        { "cut short", [GatewayUnderTest.Secret[..^1]] },
        { "in another case", [GatewayUnderTest.Secret.ToUpperInvariant()] },
        { "doubled", [GatewayUnderTest.Secret, GatewayUnderTest.Secret] },
        { "right after wrong", ["wrong", GatewayUnderTest.Secret] },
    };

    [Theory]
    [MemberData(nameof(Attempts))]
    public async Task Ingestion_EveryRouteWithoutTheOneSecret_IsInternalOnly(string what, string[] secrets) =>
        await AssertRefusedAsync(SegOps.Ingestion.Program.Build(Settings, builder => builder.Logging.ClearProviders()), what, secrets);

    [Theory]
    [MemberData(nameof(Attempts))]
    public async Task Monitoring_EveryRouteWithoutTheOneSecret_IsInternalOnly(string what, string[] secrets) =>
        await AssertRefusedAsync(SegOps.Monitoring.Program.Build(Settings, builder => builder.Logging.ClearProviders()), what, secrets);

    private static async Task AssertRefusedAsync(WebApplication app, string what, string[] secrets)
    {
        await using var service = app;
        await service.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(service.Urls.First()) };
        var routes = service.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.TrimStart('/').StartsWith("api", StringComparison.OrdinalIgnoreCase)).ToList();
        Assert.True(routes.Count > 0, what);

        foreach (var route in routes)
            foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST"])
            {
                var path = "/" + Regex.Replace(route.RoutePattern.RawText!.TrimStart('/'), @"\{[^}]*\}", "x");
                using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
                request.Headers.Add(InternalHeaders.Project, "theirs");
                request.Headers.Add(InternalHeaders.Environment, Environments.Live);
                foreach (var secret in secrets)
                    request.Headers.TryAddWithoutValidation(InternalHeaders.Secret, secret);
                using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

                await ProblemAnswer.ReadAsync(HttpStatusCode.Forbidden, ErrorCodes.InternalOnly, answer);
            }
    }
}
