using SegOps.Gateway.Proxy;
using Yarp.ReverseProxy.Forwarder;

namespace SegOps.Tests.Unit.Gateway;

/// <summary>Which failures prove that an instance cannot have received the request.</summary>
public sealed class FailoverTests
{
    public static TheoryData<ForwarderError, Exception?, bool> Failures => new()
    {
        { ForwarderError.NoAvailableDestinations, null, true },
        { ForwarderError.Request, new HttpRequestException(HttpRequestError.ConnectionError), true },
        { ForwarderError.Request, new HttpRequestException(HttpRequestError.NameResolutionError), true },
        { ForwarderError.RequestTimedOut, new TaskCanceledException("connecting", new TimeoutException()), true },
        { ForwarderError.RequestTimedOut, new TaskCanceledException(), false },
        { ForwarderError.Request, new HttpRequestException(HttpRequestError.ResponseEnded), false },
        { ForwarderError.Request, new HttpRequestException(HttpRequestError.Unknown), false },
        { ForwarderError.RequestBodyDestination, new IOException(), false },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void NothingSent_Failure_IsTrueOnlyBeforeTheConnection(ForwarderError error, Exception? exception, bool expected) =>
        Assert.Equal(expected, Failover.NothingSent(new Failure(error, exception)));

    private sealed record Failure(ForwarderError Error, Exception? Exception) : IForwarderErrorFeature;
}
