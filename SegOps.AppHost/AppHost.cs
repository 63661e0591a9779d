// SegOps as one picture: what runs, what each part needs and what it is told. `dotnet run` and F5 start all of it on this machine; published, the
// operator's own Pub/Sub and secrets take the place of the development ones.

using SegOps.AppHost;
using SegOps.AppHost.Data;
using SegOps.AppHost.Resources.ClickHouse;
using SegOps.AppHost.Resources.PubSub;
using SegOps.AppHost.Resources.Redis;
using SegOps.AppHost.Resources.Services;

if (args is [EmbeddedGarnet.Verb, .. var garnet])
    return await EmbeddedGarnet.RunAsync(garnet);
if (AppHostCommand.Read(args, out var configuration) is { } exitCode)
    return exitCode;

var builder = DistributedApplication.CreateBuilder(configuration);
var options = AppHostOptions.From(builder.Configuration);
var data = builder.AddDataFolder(options);

// Secrets: made up once and kept with the data. A publication asks for each of them.
var internalSecret = builder.AddSecret("internal-secret", data);
var adminToken = builder.AddSecret("admin-token", data);
var clickhousePassword = builder.AddSecret("clickhouse-password", data);

// Redis: API keys, projects and usage. ClickHouse: the analytics warehouse. Pub/Sub: the event stream.
var redis = builder.AddLocalRedis("redis", data, options.Redis).WithDemoKeys();
var clickhouse = builder.AddEmbeddedClickHouse("clickhouse", data, clickhousePassword);
var pubsub = builder.AddLocalPubSubEmulator("pubsub", options.EmulatorHeapMegabytes);

var ingestor = builder.AddService<Projects.SegOps_Ingestor>("ingestor", options)
    .WithReference(pubsub).WaitFor(pubsub)
    .WithReference(clickhouse).WaitFor(clickhouse);

var ingestion = builder.AddService<Projects.SegOps_Ingestion>("ingestion", options)
    .WithEnvironment("Internal__Secret", internalSecret)
    .WithReference(redis).WaitFor(redis)
    .WithReference(pubsub).WaitFor(pubsub);

var monitoring = builder.AddService<Projects.SegOps_Monitoring>("monitoring", options)
    .WithEnvironment("Internal__Secret", internalSecret)
    .WithReference(redis).WaitFor(redis)
    .WithReference(pubsub).WaitFor(pubsub)
    .WithReference(clickhouse).WaitFor(clickhouse)
    .WithReference(ingestion).WaitForStart(ingestion)
    .WithReference(ingestor).WaitForStart(ingestor);

builder.AddService<Projects.SegOps_Gateway>("gateway", options, options.GatewayPort(builder))
    .WithEnvironment("Internal__Secret", internalSecret)
    .WithEnvironment("Admin__Token", adminToken)
    .WithReference(redis).WaitFor(redis)
    .WithReference(ingestion)
    .WithReference(monitoring)
    .WithExternalHttpEndpoints();

await builder.Build().RunAsync();
return 0;
