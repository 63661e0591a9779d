using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SegOps.Contracts;
using SegOps.PubSub;
using SegOps.PubSub.Publishing;

namespace SegOps.Bench.Write;

/// <summary>Publishes messages as Ingestion does.</summary>
internal sealed class MessageFeed : IAsyncDisposable
{
    /// <summary>Messages in flight.</summary>
    private const int InFlight = 32;

    private readonly ServiceProvider _services;
    private readonly Publisher _publisher;

    internal MessageFeed(string connectionString)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:pubsub", connectionString)]);
        builder.AddPublisher(Streams.EventsTopic);
        _services = builder.Services.BuildServiceProvider();
        _publisher = _services.GetRequiredKeyedService<Publisher>(Streams.EventsTopic);
    }

    /// <summary>Publishes messages and waits until Pub/Sub has confirmed all.</summary>
    internal Task PublishAsync(IEnumerable<RowMessage> messages, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        messages, new ParallelOptions { MaxDegreeOfParallelism = InFlight, CancellationToken = cancellationToken },
        async (message, token) => await _publisher.PublishAsync(new OutgoingMessage(message.Data, message.Attributes), token));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
