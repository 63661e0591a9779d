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
    private const string Old = "the-old-internal-secret-of-these-tests";
    private const string New = "the-new-internal-secret-of-these-tests";

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

    [Theory]
    [MemberData(nameof(Attempts))]
    public async Task Segments_EveryRouteWithoutTheOneSecret_IsInternalOnly(string what, string[] secrets) =>
        await AssertRefusedAsync(SegOps.Segments.Program.Build(Settings, builder => builder.Logging.ClearProviders()), what, secrets);

    /// <summary>The states of a rotation in the order of docs/operations.md: at each, callers send the old or the new secret.</summary>
    [Theory]
    [InlineData("before", Old, null, Old, true)]
    [InlineData("1: the services know both, the gateway still sends the old one", New, Old, Old, true)]
    [InlineData("2: the gateway sends the new one", New, Old, New, true)]
    [InlineData("3: the services forget the old one", New, null, New, true)]
    [InlineData("afterwards the old one is refused", New, null, Old, false)]
    public async Task Rotation_AtEachStep_RefusesNoCallOfTheGateway(string step, string secret, string? previous, string sent, bool accepted)
    {
        string[] settings = [.. Settings, $"--Internal:Secret={secret}", .. previous is null ? (string[])[] : [$"--Internal:PreviousSecret={previous}"]];
        await using var service = SegOps.Ingestion.Program.Build(settings, builder => builder.Logging.ClearProviders());
        await service.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(service.Urls.First()) };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/ingestion/track/", UriKind.Relative));
        request.Headers.Add(InternalHeaders.Secret, sent);

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.True(accepted == (answer.StatusCode != HttpStatusCode.Forbidden), $"{step}: {answer.StatusCode}");
    }

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
