using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace SegOps.Tests.AppHost;

public sealed class AppModelTests
{
    private static readonly string[] Servers = ["clickhouse", "pubsub", "redis"];

    [Fact]
    public async Task LocalRun_Always_HoldsNoContainer()
    {
        await using var builder = await AppModel.ForRunAsync();

        Assert.DoesNotContain(builder.Resources, resource => resource is ContainerResource || resource.IsContainer());
        Assert.Equal([.. Servers, .. AppModel.Services], builder.Parts().Keys.Order(StringComparer.Ordinal).OrderBy(AppModel.Services.Contains));
    }

    [Fact]
    public async Task Containers_AskedFor_AreTheServersAtPinnedVersions()
    {
        await using var builder = await AppModel.ForRunAsync("--containers");

        var images = builder.Resources.OfType<ContainerResource>().ToDictionary(
            container => container.Name, container => container.Annotations.OfType<ContainerImageAnnotation>().Last());
        Assert.Equal(Servers, images.Keys.Order(StringComparer.Ordinal));
        Assert.All(images.Values, image => Assert.Matches(@"^\d+\.\d+\.\d+", image.Tag));
    }

    [Theory]
    [InlineData("redis", "localhost:6379")]
    [InlineData("clickhouse", "Host=localhost;Database=segops")]
    [InlineData("pubsub", "ProjectId=somewhere")]
    public async Task ConnectionString_OfOneServer_TakesThePlaceOfThatPartOnly(string server, string connectionString)
    {
        await using var builder = await AppModel.ForRunAsync($"--ConnectionStrings:{server}={connectionString}");

        Assert.Equal(Servers.Where(other => other != server), builder.Parts().Values.OfType<ExecutableResource>().Select(resource => resource.Name).Order(StringComparer.Ordinal));
        Assert.IsType<ParameterResource>(builder.Parts()[server], exactMatch: false);
    }

    [Fact]
    public async Task References_OfEachService_AreWhatItCalls()
    {
        await using var builder = await AppModel.ForRunAsync();

        var references = builder.Resources.OfType<ProjectResource>().ToDictionary(service => service.Name, service => service.Annotations
            .OfType<ResourceRelationshipAnnotation>()
            .Where(relation => relation.Type == "Reference")
            .Select(relation => relation.Resource)
            .Where(resource => resource is not ParameterResource)
            .Select(resource => resource.Name)
            .Distinct()
            .Order(StringComparer.Ordinal));

        Assert.Equal(["ingestion", "monitoring", "redis", "segments"], references["gateway"]);
        Assert.Equal(["pubsub", "redis"], references["ingestion"]);
        Assert.Equal(["clickhouse", "pubsub"], references["ingestor"]);
        Assert.Equal(["clickhouse", "gateway", "ingestion", "ingestor", "pubsub", "redis", "segments"], references["monitoring"]);
        Assert.Equal(["clickhouse", "redis"], references["segments"]);
    }

    [Fact]
    public async Task Instances_Two_AreTwoOfEachServiceAndOneOfEachServer()
    {
        await using var builder = await AppModel.ForRunAsync("--SegOps:Instances=2");

        Assert.Equal(
            AppModel.Services.SelectMany(service => (string[])[service, service + "-2"]),
            builder.Resources.OfType<ProjectResource>().Select(service => service.Name).Order(StringComparer.Ordinal));
        Assert.Equal(Servers, builder.Parts().Values.OfType<ExecutableResource>().Select(server => server.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Endpoints_Always_HaveNoProxyAndNoFixedPort()
    {
        await using var builder = await AppModel.ForRunAsync();

        var endpoints = builder.Parts().Values.SelectMany(part => part.Annotations.OfType<EndpointAnnotation>()).ToList();
        Assert.Equal(Servers.Length + AppModel.Services.Length, endpoints.Count);
        Assert.All(endpoints, endpoint => Assert.False(endpoint.IsProxied));
        Assert.All(endpoints, endpoint => Assert.Null(endpoint.Port));
    }

    [Fact]
    public async Task GatewayPort_Given_IsItsEndpoints()
    {
        await using var builder = await AppModel.ForRunAsync("--port", "18080");

        var gateway = builder.Parts()["gateway"].Annotations.OfType<EndpointAnnotation>().Single();
        Assert.Equal(18080, gateway.Port);
        Assert.True(gateway.IsExternal);
        Assert.DoesNotContain(builder.Parts().Values.Where(part => part.Name != "gateway"), part => part.Annotations.OfType<EndpointAnnotation>().Any(endpoint => endpoint.IsExternal));
    }

    [Fact]
    public async Task Services_Locally_AreTheirOwnBuiltPrograms()
    {
        await using var builder = await AppModel.ForRunAsync();

        Assert.All(builder.Resources.OfType<ProjectResource>(), service => Assert.True(File.Exists(service.Annotations.OfType<ExecutableAnnotation>().Single().Command)));
    }
}
