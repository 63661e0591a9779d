using Microsoft.Extensions.Time.Testing;
using SegOps.Gateway.Limits;

namespace SegOps.Tests.Unit.Gateway.Limits;

/// <summary>The two windows of a publishable key while Redis is unavailable. LimiterOutageTests has the window of a project.</summary>
public sealed class LocalWindowTests
{
    private const string Ceiling = "key", Address = "address";
    private readonly FakeTimeProvider _clock = new();
    private readonly Dictionary<string, LocalWindow> _addresses = [];
    private readonly LocalWindow _key;

    public LocalWindowTests() => _key = new(_clock);

    [Fact]
    public void Take_AddressAtItsLimit_IsRefusedAndOthersAreNot() => Assert.Equal(
        [(true, Address), (true, Address), (false, Address), (true, Address)],
        Take(("a", true), ("a", true), ("a", true), ("b", true)));

    [Fact]
    public void Take_CeilingReached_IsRefusedByItAndAsksForNoAddress()
    {
        var decisions = Take(("a", true), ("b", true), ("c", true), ("d", true));

        Assert.Equal([(true, Address), (true, Address), (true, Address), (false, Ceiling)], decisions);
        Assert.DoesNotContain("d", _addresses.Keys);
    }

    [Fact]
    public void Take_RefusedByTheAddress_LeavesTheCeilingToOthers() => Assert.Equal(
        (true, Address), Take(("a", true), ("a", true), ("a", true), ("a", true), ("b", true))[^1]);

    [Fact]
    public void Take_NotCounted_TakesNothing() => Assert.Equal(
        (true, Address), Take(("a", false), ("a", false), ("a", false), ("a", false), ("a", true))[^1]);

    [Fact]
    public void Take_AfterAMinute_IsAllowedAgain()
    {
        Take(("a", true), ("a", true), ("b", true));

        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal([(true, Address)], Take(("a", true)));
    }

    /// <summary>Makes calls with at most 2 from an address and 3 in all. Returns whether each is allowed, and by which window.</summary>
    private List<(bool Allowed, string Window)> Take(params (string Address, bool Counts)[] calls) => [.. calls.Select(call =>
    {
        var windows = new CallWindows(new(Address, 2, call.Address), new CallWindow(Ceiling, 3, Ceiling), "usage", null);
        var decision = _key.Take(windows, call.Counts, () => _addresses.TryGetValue(call.Address, out var known)
            ? known
            : _addresses[call.Address] = new(_clock));
        return (decision.Allowed, decision.Window.Name);
    })];
}
