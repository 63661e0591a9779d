using Grpc.Core;
using SegOps.PubSub.Protocol;

namespace SegOps.Tests.Integration.PubSub.Faults;

internal sealed class FakePublisherService(FakePubSub fake) : Publisher.PublisherBase
{
    public override async Task<PublishResponse> Publish(PublishRequest request, ServerCallContext context)
    {
        fake.PublishHeaders.Enqueue(context.RequestHeaders);
        fake.Publishes.Enqueue(request);
        await fake.OnPublish(fake.Publishes.Count, context.CancellationToken);
        return new() { MessageIds = { request.Messages.Select(message => "id of " + message.Data.ToStringUtf8()) } };
    }

    public override Task<Topic> CreateTopic(Topic request, ServerCallContext context)
    {
        fake.Created.Enqueue(request.Name);
        return Task.FromResult(request);
    }

    public override async Task<Topic> GetTopic(GetTopicRequest request, ServerCallContext context)
    {
        fake.Probes++;
        await fake.OnGetTopic(context.CancellationToken);
        return new() { Name = request.Topic };
    }
}
