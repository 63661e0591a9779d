using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SegOps.PubSub.Connection;
using SegOps.PubSub.Protocol;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Integration.PubSub.Faults;

namespace SegOps.Tests.Integration.PubSub;

/// <summary>Speaks Pub/Sub's protocol and does what a test tells it to, faults included. Unless told otherwise it takes everything.</summary>
internal sealed class FakePubSub : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakePubSub(WebApplication app) => _app = app;

    public PubSubConnection Connection => new(new Uri(_app.Urls.Single()), "fake");

    public string ConnectionString => $"Endpoint={_app.Urls.Single()};ProjectId=fake";

    /// <summary>Every Publish call, those answered with a fault too.</summary>
    public ConcurrentQueue<PublishRequest> Publishes { get; } = new();

    /// <summary>Headers of every Publish call.</summary>
    public ConcurrentQueue<Metadata> PublishHeaders { get; } = new();

    /// <summary>Every Acknowledge call.</summary>
    public ConcurrentQueue<AcknowledgeRequest> Acknowledges { get; } = new();

    /// <summary>Every ModifyAckDeadline call.</summary>
    public ConcurrentQueue<ModifyAckDeadlineRequest> Deadlines { get; } = new();

    /// <summary>Names of the topics and subscriptions created.</summary>
    public ConcurrentQueue<string> Created { get; } = new();

    /// <summary>How often a topic was asked for.</summary>
    public int Probes { get; set; }

    /// <summary>Called before the n-th Publish call (from 1) is answered.</summary>
    public Func<int, CancellationToken, Task> OnPublish { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Called before the n-th Acknowledge call (from 1) is answered.</summary>
    public Func<int, Task> OnAcknowledge { get; set; } = _ => Task.CompletedTask;

    /// <summary>Called before a topic asked for is answered.</summary>
    public Func<CancellationToken, Task> OnGetTopic { get; set; } = _ => Task.CompletedTask;

    /// <summary>Headers of every GetIamPolicy call.</summary>
    public ConcurrentQueue<Metadata> PolicyHeaders { get; } = new();

    /// <summary>Answers with the policy of a topic or subscription; with an empty one unless a test sets it.</summary>
    public Func<string, Task<Policy>> OnGetPolicy { get; set; } = _ => Task.FromResult(new Policy());

    /// <summary>Every Pull call.</summary>
    public ConcurrentQueue<PullRequest> Pulls { get; } = new();

    /// <summary>Answers the n-th Pull call (from 1); with nothing unless a test sets it.</summary>
    public Func<int, CancellationToken, Task<PullResponse>> OnPull { get; set; } = (_, _) => Task.FromResult(new PullResponse());

    /// <summary>Lease of the subscription.</summary>
    public int LeaseSeconds { get; set; } = 60;

    /// <summary>The streams opened, in order.</summary>
    public System.Threading.Channels.Channel<FakeStream> Streams { get; } = System.Threading.Channels.Channel.CreateUnbounded<FakeStream>();

    public IEnumerable<string> AckedIds => Acknowledges.SelectMany(request => request.AckIds);

    public IEnumerable<string> NackedIds => DeadlineIds(0);

    public IEnumerable<string> DeadlineIds(int seconds) =>
        Deadlines.Where(request => request.AckDeadlineSeconds == seconds).SelectMany(request => request.AckIds);

    public Task<FakeStream> NextStreamAsync() => Streams.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().Patiently();

    /// <summary>An answer to Pull; each message's ack id is <c>ack </c> and its text.</summary>
    public static PullResponse Pulled(params string[] texts) => new() { ReceivedMessages = { texts.Select(Message) } };

    /// <summary>A message whose ack id is <c>ack </c> and its text.</summary>
    public static ReceivedMessage Message(string text) => new()
    {
        AckId = "ack " + text,
        Message = new() { MessageId = "id of " + text, Data = ByteString.CopyFromUtf8(text) },
    };

    public static RpcException Fault(StatusCode status) => new(new Status(status, "as the test wants"));

    /// <param name="certificate">With one it speaks TLS.</param>
    public static async Task<FakePubSub> StartAsync(X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                if (certificate is not null)
                    listen.UseHttps(certificate);
            });
            kestrel.Limits.MaxRequestBodySize = null;
        });
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = null);
        FakePubSub? fake = null;
        builder.Services.AddSingleton(_ => fake!);
        var app = builder.Build();
        app.MapGrpcService<FakePublisherService>();
        app.MapGrpcService<FakeSubscriberService>();
        app.MapGrpcService<FakePolicyService>();
        fake = new FakePubSub(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return fake;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
