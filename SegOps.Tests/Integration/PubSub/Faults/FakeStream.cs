using System.Collections.Concurrent;
using Grpc.Core;
using SegOps.PubSub.Protocol;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.PubSub.Faults;

/// <summary>The server's end of one streaming pull. Unless <see cref="EndsWhenHalfClosed"/> is cleared, it ends as the client half-closes.</summary>
internal sealed class FakeStream
{
    private readonly IServerStreamWriter<StreamingPullResponse> _responses;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _halfClosed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FakeStream(IAsyncStreamReader<StreamingPullRequest> requests, IServerStreamWriter<StreamingPullResponse> responses, CancellationToken aborted)
    {
        _responses = responses;
        aborted.Register(() =>
        {
            WasAborted = !_ended.Task.IsCompleted;
            _ended.TrySetResult();
        });
        _ = ReadAsync(requests);
    }

    public bool EndsWhenHalfClosed { get; set; } = true;

    /// <summary>What the client sent: the opening, then pings.</summary>
    public ConcurrentQueue<StreamingPullRequest> Requests { get; } = new();

    public Task HalfClosed => _halfClosed.Task;

    public Task Ended => _ended.Task;

    /// <summary>Whether the client reset the stream rather than ending it.</summary>
    public bool WasAborted { get; private set; }

    /// <summary>Sends one response; each message's ack id is <c>ack </c> and its text.</summary>
    public Task SendAsync(params string[] texts) => _responses.WriteAsync(new()
    {
        ReceivedMessages =
        {
            texts.Select(FakePubSub.Message),
        },
    }).Patiently();

    public void End() => _ended.TrySetResult();

    public void Break(StatusCode status) => _ended.TrySetException(FakePubSub.Fault(status));

    private async Task ReadAsync(IAsyncStreamReader<StreamingPullRequest> requests)
    {
        try
        {
            while (await requests.MoveNext(CancellationToken.None))
                Requests.Enqueue(requests.Current);
            _halfClosed.TrySetResult();
            if (EndsWhenHalfClosed)
                End();
        }
        catch (Exception failure) when (failure is IOException or InvalidOperationException or RpcException or OperationCanceledException)
        {
            // The stream is over.
        }
    }
}
