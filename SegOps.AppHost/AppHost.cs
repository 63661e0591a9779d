// SegOps as one picture: what runs, what each part needs and what it is told. `dotnet run` and F5 start all of it on this machine, without
// containers; published, the operator's own Pub/Sub and secrets take the place of the development ones.

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

// Secrets: made up once and kept with the data. A publication asks for each of them.
var internalSecret = builder.AddSecret("internal-secret", data);
var adminToken = builder.AddSecret("admin-token", data);

// Redis: API keys, projects and usage.
var redis = builder.AddServer("redis", containers,
    local: name => builder.AddLocalRedis(name, data, options.Redis).WithDemoKeys(),
    container: name => builder.AddRedisContainer(name, data, builder.AddSecret("redis-password", data)).WithDemoKeys());

// Pub/Sub: the event stream. Google's emulator here; published, the connection string `ProjectId=...` of the real one.
var pubsub = builder.AddServer("pubsub", containers,
    local: name => builder.AddLocalPubSubEmulator(name, options.EmulatorHeapMegabytes),
    container: name => builder.AddPubSubEmulatorContainer(name),
    published: false);

// ClickHouse: the analytics warehouse. It starts after the emulator, so that events are taken in as early as possible: starting takes processor
// time above all.
var clickhouse = builder.AddServer("clickhouse", containers,
    local: name => builder.AddEmbeddedClickHouse(name, data, builder.AddSecret("clickhouse-password", data)).WaitFor(pubsub),
    container: name => builder.AddClickHouseContainer(name, data, builder.AddSecret("clickhouse-password", data)));

// The services. Only the gateway is reachable from outside.
var ingestor = builder.AddService<Projects.SegOps_Ingestor>("ingestor")
    .WithStream(pubsub).WaitFor(pubsub)
    .WithReference(clickhouse).WaitFor(clickhouse)
    .WithIconName("DatabaseArrowDown");

// It does not wait for the stream: both start at the same time.
var ingestion = builder.AddService<Projects.SegOps_Ingestion>("ingestion")
    .WithEnvironment("Internal__Secret", internalSecret)
    .WithReference(redis).WaitFor(redis)
    .WithStream(pubsub)
    .WithIconName("CheckmarkCircle");

var monitoring = builder.AddService<Projects.SegOps_Monitoring>("monitoring")
    .WithEnvironment("Internal__Secret", internalSecret)
    .WithReference(redis).WaitFor(redis)
    .WithStream(pubsub).WaitFor(pubsub)
    .WithReference(clickhouse).WaitFor(clickhouse)
    .WithReference(ingestion).WaitFor(ingestion)
    .WithReference(ingestor).WaitForStart(ingestor)
    .WithIconName("Pulse");

// It waits for nothing but its keys: it takes no events, and tells so, while a stage behind it is down.
builder.AddService<Projects.SegOps_Gateway>("gateway", options.GatewayPort(builder))
    .WithEnvironment("Internal__Secret", internalSecret)
    .WithEnvironment("Admin__Token", adminToken)
    .WithReference(redis).WaitFor(redis)
    .WithReference(ingestion)
    .WithReference(monitoring)
    .WithExternalHttpEndpoints()
    .WithPages()
    .WithTestEvent()
    .WithFreshStart(data)
    .WithIconName("Globe");

return await builder.RunToEndAsync();
