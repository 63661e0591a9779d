using SegOps.Gateway.Proxy;
using SegOps.Monitoring.Live;

namespace SegOps.Tests.Unit.Monitoring;

/// <summary>What passes through the gateway has to live with its patience.</summary>
public sealed class LiveTimesTests
{
    private static readonly ForwardingOptions Gateway = new();

    [Fact]
    public void Duration_Default_IsBelowTheGatewaysRequestTimeout() => Assert.True(new LiveOptions().Duration < Gateway.RequestTimeout);

    [Fact]
    public void Heartbeat_Always_ComesTwiceWithinTheGatewaysActivityTimeout() => Assert.True(2 * LiveResponse.Heartbeat < Gateway.ActivityTimeout);
}
