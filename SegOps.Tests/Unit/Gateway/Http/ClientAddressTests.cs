using System.Net;
using SegOps.Gateway.Http;

namespace SegOps.Tests.Unit.Gateway.Http;

public sealed class ClientAddressTests
{
    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [InlineData("::1", "::")]
    public void Network_OfAnAddress_IsWhatOneCallerHas(string address, string network) =>
        Assert.Equal(IPAddress.Parse(network), ClientAddress.Network(IPAddress.Parse(address)));
}
