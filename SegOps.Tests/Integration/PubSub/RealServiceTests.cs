using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Apis.Auth.OAuth2;
using Microsoft.Extensions.Logging.Abstractions;
using SegOps.PubSub.Connection;

namespace SegOps.Tests.Integration.PubSub;

/// <summary>What differs from the emulator: TLS and credentials.</summary>
public sealed class RealServiceTests
{
    [Fact]
    public async Task Call_OverTls_CarriesTheAccessTokenAndTheRoutingHeader()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await using var fake = await FakePubSub.StartAsync(certificate);
        using var client = new PubSubClient(
            fake.Connection,
            GoogleCredential.FromAccessToken("a-token"),
            TimeProvider.System,
            NullLoggerFactory.Instance,
            handler => handler.SslOptions.RemoteCertificateValidationCallback = (_, presented, _, _) => certificate.Equals(presented));
        var topic = client.Connection.Topic("t");

        await client.Publisher.PublishAsync(
            new() { Topic = topic }, client.Call(topic, TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));

        var headers = Assert.Single(fake.PublishHeaders);
        Assert.Equal("Bearer a-token", headers.GetValue("authorization"));
        Assert.Equal("topic=projects%2Ffake%2Ftopics%2Ft", headers.GetValue("x-goog-request-params"));
    }
}
