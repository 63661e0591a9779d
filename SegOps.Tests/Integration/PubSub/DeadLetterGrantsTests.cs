using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Apis.Auth.OAuth2;
using Grpc.Core;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SegOps.PubSub.Configuration;
using SegOps.PubSub.Connection;
using SegOps.PubSub.Protocol;
using SegOps.PubSub.Topology;

namespace SegOps.Tests.Integration.PubSub;

/// <summary>The roles of Pub/Sub's own service account. The fake speaks TLS, by which clients tell the real service.</summary>
public sealed class DeadLetterGrantsTests : IAsyncLifetime
{
    private const string ServiceAccount = "serviceAccount:service-123@gcp-sa-pubsub.iam.gserviceaccount.com";
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private X509Certificate2 _certificate = null!;
    private FakePubSub _fake = null!;
    private PubSubClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _certificate = new CertificateRequest("CN=127.0.0.1", _key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        _fake = await FakePubSub.StartAsync(_certificate);
        _client = new PubSubClient(
            _fake.Connection, GoogleCredential.FromAccessToken("a-token"), TimeProvider.System, NullLoggerFactory.Instance,
            handler => handler.SslOptions.RemoteCertificateValidationCallback = (_, presented, _, _) => _certificate.Equals(presented));
    }

    [Fact]
    public async Task Check_AllRolesGranted_HasNoRemark()
    {
        _fake.OnGetPolicy = resource => Task.FromResult(Granting(resource.Contains("/topics/", StringComparison.Ordinal) ? "roles/pubsub.publisher" : "roles/pubsub.subscriber"));

        Assert.Null((await CheckAsync()).Description);
        Assert.Equal(
            [
                "resource=projects%2Ffake%2Fsubscriptions%2Fsegops-events-ingestor",
                "resource=projects%2Ffake%2Fsubscriptions%2Fsegops-events-late-ingestor",
                "resource=projects%2Ffake%2Fsubscriptions%2Fsegops-received-ingestor",
                "resource=projects%2Ffake%2Fsubscriptions%2Fsegops-rejections-ingestor",
                "resource=projects%2Ffake%2Ftopics%2Fsegops-events-dead-letter",
                "resource=projects%2Ffake%2Ftopics%2Fsegops-received-dead-letter",
                "resource=projects%2Ffake%2Ftopics%2Fsegops-rejections-dead-letter",
            ],
            _fake.PolicyHeaders.Select(headers => headers.GetValue("x-goog-request-params")).Order());
    }

    [Fact]
    public async Task Check_ARoleIsMissing_NamesItAndStaysHealthy()
    {
        _fake.OnGetPolicy = _ => Task.FromResult(Granting("roles/pubsub.publisher"));

        var result = await CheckAsync();

        Assert.Equal(HealthStatus.Healthy, result.Status);
        Assert.StartsWith("Pub/Sub's service account has no roles/pubsub.subscriber on projects/fake/subscriptions/segops-events-ingestor.", result.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_ThisServiceMayNotReadPolicies_IsUnknownAndHealthy()
    {
        _fake.OnGetPolicy = _ => throw FakePubSub.Fault(StatusCode.PermissionDenied);

        var result = await CheckAsync();

        Assert.Equal(HealthStatus.Healthy, result.Status);
        Assert.Contains("is unknown (PermissionDenied)", result.Description, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _fake.DisposeAsync();
        _certificate.Dispose();
        _key.Dispose();
    }

    private static Policy Granting(string role) => new() { Bindings = { new Binding { Role = role, Members = { "user:somebody@example.com", ServiceAccount } } } };

    private Task<HealthCheckResult> CheckAsync() =>
        new DeadLetterGrants(_client, Options.Create(new PubSubOptions { ProbeDeadline = TimeSpan.FromSeconds(30) }), TimeProvider.System)
            .CheckHealthAsync(new HealthCheckContext(), TestContext.Current.CancellationToken);
}
