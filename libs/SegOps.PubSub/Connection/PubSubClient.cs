using Google.Apis.Auth.OAuth2;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;

namespace SegOps.PubSub.Connection;

/// <summary>The process's gRPC channel to Pub/Sub and its stubs.</summary>
internal sealed class PubSubClient : IDisposable
{
    /// <summary>A pull response can exceed 10 MB, the service's own limit of a message; gRPC's default of 4 MB would end the stream.</summary>
    private const int MaxReceiveBytes = 32 * 1024 * 1024;

    private const string RoutingHeader = "x-goog-request-params";

    private readonly TimeProvider _timeProvider;
    private readonly GrpcChannel _channel;

    /// <param name="connection">The address and project.</param>
    /// <param name="credential">The credential; null for the emulator.</param>
    /// <param name="timeProvider">The clock of call deadlines.</param>
    /// <param name="loggers">The loggers of the channel.</param>
    /// <param name="configure">Configures the transport. Tests use it to trust their own certificates.</param>
    public PubSubClient(
        PubSubConnection connection, GoogleCredential? credential, TimeProvider timeProvider, ILoggerFactory loggers,
        Action<SocketsHttpHandler>? configure = null)
    {
        Connection = connection;
        _timeProvider = timeProvider;
        var handler = Handler(connection.IsEmulator);
        configure?.Invoke(handler);
        _channel = GrpcChannel.ForAddress(connection.Endpoint, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            LoggerFactory = loggers,
            MaxReceiveMessageSize = MaxReceiveBytes,
            MaxSendMessageSize = MaxReceiveBytes,
            Credentials = credential is null ? ChannelCredentials.Insecure : PubSubCredentials.ForChannel(credential),
        });
        Publisher = new(_channel);
        Subscriber = new(_channel);
        Policies = new(_channel);
    }

    public PubSubConnection Connection { get; }

    public Protocol.Publisher.PublisherClient Publisher { get; }

    public Protocol.Subscriber.SubscriberClient Subscriber { get; }

    public Protocol.IAMPolicy.IAMPolicyClient Policies { get; }

    /// <summary>Options of a call about <paramref name="resource"/>, a full name, with a deadline from now.</summary>
    public CallOptions Call(string resource, TimeSpan deadline, CancellationToken cancellationToken) =>
        new(Routing(resource), (_timeProvider.GetUtcNow() + deadline).UtcDateTime, cancellationToken);

    /// <summary>Options of a call about the policy of <paramref name="resource"/>, a full name, with a deadline from now.</summary>
    public CallOptions PolicyCall(string resource, TimeSpan deadline) =>
        new(new Metadata { { RoutingHeader, "resource=" + Uri.EscapeDataString(resource) } }, (_timeProvider.GetUtcNow() + deadline).UtcDateTime);

    /// <summary>Options of a stream. A stream has no deadline: it ends by a half-close, a failed ping or a cancellation.</summary>
    public static CallOptions Stream(string resource, CancellationToken cancellationToken) =>
        new(Routing(resource), cancellationToken: cancellationToken);

    public void Dispose() => _channel.Dispose();

    // Google's front ends route by this header (https://google.aip.dev/client-libraries/4222); the emulator ignores it.
    private static Metadata Routing(string resource) =>
        new() { { RoutingHeader, (resource.Contains("/topics/", StringComparison.Ordinal) ? "topic=" : "subscription=") + Uri.EscapeDataString(resource) } };

    private static SocketsHttpHandler Handler(bool isEmulator) => new()
    {
        EnableMultipleHttp2Connections = true,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        // Google's client library sets one minute. The emulator is local, so 5 s of silence mean a dead connection. The emulator treats more
        // than two unanswered pings as abuse and closes the connection, which is dead by then.
        KeepAlivePingDelay = isEmulator ? TimeSpan.FromSeconds(5) : TimeSpan.FromMinutes(1),
        KeepAlivePingTimeout = isEmulator ? TimeSpan.FromSeconds(5) : TimeSpan.FromSeconds(20),
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        // Prevents an HTTP span per call: a batched call belongs to many traces and a stream to none.
        ActivityHeadersPropagator = null,
    };
}
