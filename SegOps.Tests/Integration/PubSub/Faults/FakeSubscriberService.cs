using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using SegOps.PubSub.Protocol;

namespace SegOps.Tests.Integration.PubSub.Faults;

internal sealed class FakeSubscriberService(FakePubSub fake) : Subscriber.SubscriberBase
{
    public override Task StreamingPull(
        IAsyncStreamReader<StreamingPullRequest> requests, IServerStreamWriter<StreamingPullResponse> responses, ServerCallContext context)
    {
        var stream = new FakeStream(requests, responses, context.CancellationToken);
        fake.Streams.Writer.TryWrite(stream);
        return stream.Ended;
    }

    public override async Task<PullResponse> Pull(PullRequest request, ServerCallContext context)
    {
        fake.Pulls.Enqueue(request);
        return await fake.OnPull(fake.Pulls.Count, context.CancellationToken);
    }

    public override async Task<Empty> Acknowledge(AcknowledgeRequest request, ServerCallContext context)
    {
        fake.Acknowledges.Enqueue(request);
        await fake.OnAcknowledge(fake.Acknowledges.Count);
        return new();
    }

    public override Task<Empty> ModifyAckDeadline(ModifyAckDeadlineRequest request, ServerCallContext context)
    {
        fake.Deadlines.Enqueue(request);
        return Task.FromResult(new Empty());
    }

    public override Task<Subscription> CreateSubscription(Subscription request, ServerCallContext context)
    {
        fake.Created.Enqueue(request.Name);
        return Task.FromResult(request);
    }

    public override Task<Subscription> GetSubscription(GetSubscriptionRequest request, ServerCallContext context) =>
        Task.FromResult(new Subscription { Name = request.Subscription, AckDeadlineSeconds = fake.LeaseSeconds });
}
