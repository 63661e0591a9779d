// The whole system: its parts, their dependencies and their settings. `dotnet run` and F5 start it on this machine without containers. A
// publication uses the operator's Pub/Sub and secrets.

using SegOps.AppHost;
using SegOps.AppHost.Data;
using SegOps.AppHost.Publishing;
using SegOps.AppHost.Resources.ClickHouse;
using SegOps.AppHost.Resources.PubSub;
using SegOps.AppHost.Resources.Redis;
using SegOps.AppHost.Resources.Services;
using SegOps.AppHost.Servers;

if (args is [EmbeddedGarnet.Verb, .. var garnet])
    return await EmbeddedGarnet.RunAsync(garnet);
if (AppHostCommand.Read(args, out var configuration) is { } exitCode)
    return exitCode;

var builder = DistributedApplication.CreateBuilder(configuration);
var options = AppHostOptions.From(builder.Configuration);
var containers = options.Containers ?? !EmbeddedClickHouseExtensions.IsAvailable;
var data = builder.AddDataFolder(options);
builder.AddLocalRun(options);
builder.AddComposePublishing(options);

// Secrets are generated once and stored with the data. A publication asks for them.
var internalSecret = builder.AddSecret("internal-secret", data);
var adminToken = builder.AddSecret("admin-token", data);

// Redis: API keys, projects and usage.
var redis = builder.AddServer("redis", containers,
    local: name => builder.AddLocalRedis(name, data, options.Redis).WithDemoKeys(),
    container: name => builder.AddRedisContainer(name, data, builder.AddSecret("redis-password", data)).WithDemoKeys());

// Pub/Sub: the event stream. Locally Google's emulator; a publication takes the connection string `ProjectId=...`.
var pubsub = builder.AddServer("pubsub", containers,
    local: name => builder.AddLocalPubSubEmulator(name, options.EmulatorHeapMegabytes),
    container: name => builder.AddPubSubEmulatorContainer(name),
    published: false);

// ClickHouse: the analytics warehouse. It starts after the emulator: starts compete for processor time, and ingestion only needs the emulator.
var clickhouse = builder.AddServer("clickhouse", containers,
    local: name => builder.AddEmbeddedClickHouse(name, data, builder.AddSecret("clickhouse-password", data)).WaitFor(pubsub),
    container: name => builder.AddClickHouseContainer(name, data, builder.AddSecret("clickhouse-password", data)));

// The services, each in one instance unless SegOps:Instances says otherwise. Only the gateways are reachable from outside.
var ingestors = builder.AddService<Projects.SegOps_Ingestor>("ingestor", options, ingestor => ingestor
    .WithStream(pubsub).WaitFor(pubsub)
    .WithReference(clickhouse).WaitFor(clickhouse)
    .WithIconName("DatabaseArrowDown"));

// Does not wait for the stream, so that both start at the same time.
var ingestions = builder.AddService<Projects.SegOps_Ingestion>("ingestion", options, ingestion => ingestion
    .WithEnvironment("Internal__Secret", internalSecret)
    .WithReference(redis).WaitFor(redis)
    .WithStream(pubsub)
    .WithIconName("CheckmarkCircle"));

var segments = builder.AddService<Projects.SegOps_Segments>("segments", options, segment => segment
    .WithEnvironment("Internal__Secret", internalSecret)
    .WithReference(redis).WaitFor(redis)
    .WithReference(clickhouse).WaitFor(clickhouse)
    .WithIconName("PeopleList"));

var monitorings = builder.AddService<Projects.SegOps_Monitoring>("monitoring", options, monitoring => monitoring
    .WithEnvironment("Internal__Secret", internalSecret)
    .WithReference(redis).WaitFor(redis)
    .WithStream(pubsub).WaitFor(pubsub)
    .WithReference(clickhouse).WaitFor(clickhouse)
    .WithInstances(ingestions).WaitFor(ingestions[0])
    .WithInstances(ingestors).WaitForStart(ingestors[0])
    .WithInstances(segments).WaitForStart(segments[0])
    .WithIconName("Pulse"));

// Waits only for the key store. While a service behind it is down, it answers 503.
var gateways = builder.AddService<Projects.SegOps_Gateway>("gateway", options, gateway => gateway
    .WithEnvironment("Internal__Secret", internalSecret)
    .WithEnvironment("Admin__Token", adminToken)
    .WithReference(redis).WaitFor(redis)
    .WithInstances(ingestions)
    .WithInstances(monitorings)
    .WithInstances(segments)
    .WithExternalHttpEndpoints()
    .WithProbePort()
    .WithPages()
    .WithIconName("Globe"));
gateways[0].WithTestEvent().WithFreshStart(data);
foreach (var monitoring in monitorings)
    monitoring.WithProbedInstances(gateways);

return await builder.RunToEndAsync();
