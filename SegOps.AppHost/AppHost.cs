// SegOps as one picture: what runs, what each part needs and what it is told. F5 starts all of it; `aspire publish` turns it into
// a docker compose file or a manifest, in which the operator's own Pub/Sub and secrets take the place of the development ones.

#if DOCKER_COMPOSE
using SegOps.AppHost;
#endif

var builder = DistributedApplication.CreateBuilder(args);
var development = builder.ExecutionContext.IsRunMode;

// Secrets: F5 makes them up once and keeps them in the developer's user secrets; a publication asks for each of them.
var internalSecret = Secret("internal-secret");
var adminToken = Secret("admin-token");
var redisPassword = Secret("redis-password");
var clickhousePassword = Secret("clickhouse-password");

// Redis: API keys, projects and usage.
var redis = builder.AddRedis("redis", password: redisPassword)
    .WithImageTag("8.2.7")
    .WithDataVolume("segops-redis")
    .WithLifetime(ContainerLifetime.Persistent);

// The demo keys of Standalone, in the log of this resource. Everybody knows them, so that they are never published.
if (development)
    builder.AddProject<Projects.SegOps_Standalone>("demo-keys")
        .WithArgs("seed-demo")
        .WithReference(redis).WaitFor(redis)
        .WithParentRelationship(redis);

// ClickHouse: the analytics warehouse, of the version that SegOps.EmbeddedClickHouse embeds.
var clickhouseServer = builder.AddContainer("clickhouse-server", "clickhouse/clickhouse-server", "26.7.3.19")
    .WithEnvironment("CLICKHOUSE_USER", "segops")
    .WithEnvironment("CLICKHOUSE_PASSWORD", clickhousePassword)
    .WithEnvironment("CLICKHOUSE_DB", "segops")
    .WithHttpEndpoint(targetPort: 8123, name: "http")
    .WithHttpHealthCheck("/ping")
    .WithVolume("segops-clickhouse", "/var/lib/clickhouse")
    .WithLifetime(ContainerLifetime.Persistent);
var clickhouseHttp = clickhouseServer.GetEndpoint("http");
var clickhouse = builder.AddConnectionString("clickhouse", ReferenceExpression.Create(
    $"Host={clickhouseHttp.Property(EndpointProperty.Host)};Port={clickhouseHttp.Property(EndpointProperty.Port)};Username=segops;Password={clickhousePassword};Database=segops"));

// Pub/Sub: the event stream. Google's emulator in development; published, the connection string `ProjectId=...` of the real one.
var pubsub = development ? PubSubEmulator() : builder.AddConnectionString("pubsub");

// The services. Only the gateway is reachable from outside.
var ingestor = builder.AddProject<Projects.SegOps_Ingestor>("ingestor")
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithReference(pubsub).WaitFor(pubsub)
    .WithReference(clickhouse).WaitFor(clickhouseServer);

var ingestion = builder.AddProject<Projects.SegOps_Ingestion>("ingestion")
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithEnvironment("Internal__Secret", internalSecret)
    .WithReference(redis).WaitFor(redis)
    .WithReference(pubsub).WaitFor(pubsub);

// Monitoring is ready for work while a stage is down, but the dashboard is to show it: hence the second check, which fails as long.
var monitoring = builder.AddProject<Projects.SegOps_Monitoring>("monitoring")
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithHttpHealthCheck("/health/pipeline")
    .WithEnvironment("Internal__Secret", internalSecret)
    .WithReference(redis).WaitFor(redis)
    .WithReference(pubsub)
    .WithReference(clickhouse)
    .WithReference(ingestion)
    .WithReference(ingestor).WaitFor(ingestor);

// No WaitFor(monitoring): it would wait for the pipeline too, which the gateway needs neither to take events nor to tell that a stage is down.
builder.AddProject<Projects.SegOps_Gateway>("gateway")
    .WithHttpEndpoint(port: 8080)
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health")
    .WithEnvironment("Internal__Secret", internalSecret)
    .WithEnvironment("Admin__Token", adminToken)
    .WithReference(redis).WaitFor(redis)
    .WithReference(ingestion).WaitFor(ingestion)
    .WithReference(monitoring)
    .WithUrlForEndpoint("http", url => url.DisplayText = "Monitoring page (sign in with an API key)")
    .WithUrlForEndpoint("http", _ => new() { Url = "/docs", DisplayText = "API reference" });

#if DOCKER_COMPOSE
builder.AddDockerCompose();
#endif

builder.Build().Run();

IResourceBuilder<ParameterResource> Secret(string name) => builder.AddParameter(
    name, new GenerateParameterDefault { MinLength = 40, Special = false }, secret: true, persist: true);

IResourceBuilder<IResourceWithConnectionString> PubSubEmulator()
{
    var emulator = builder.AddContainer("pubsub-emulator", "google.com/cloudsdktool/google-cloud-cli", "528.0.0-emulators")
        .WithImageRegistry("gcr.io")
        .WithArgs("gcloud", "beta", "emulators", "pubsub", "start", "--host-port=0.0.0.0:8085", "--project=segops")
        .WithHttpEndpoint(targetPort: 8085, name: "http")
        .WithHttpHealthCheck("/");
    return builder.AddConnectionString("pubsub", ReferenceExpression.Create($"Endpoint={emulator.GetEndpoint("http")};ProjectId=segops"))
        .WaitFor(emulator);
}
