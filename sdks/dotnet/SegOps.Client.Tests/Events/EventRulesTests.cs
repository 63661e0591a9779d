using CsCheck;
using SegOps.Client.Events;

namespace SegOps.Client.Tests.Events;

public class EventRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static TheoryData<string?, string?, string, string> Faults => new()
    {
        { null, "order_placed", "required", "user_id" },
        { "", "order_placed", "empty", "user_id" },
        { new string('a', 257), "order_placed", "too_long", "user_id" },
        { string.Concat(Enumerable.Repeat("😀", 257)), "order_placed", "too_long", "user_id" },
        { "a\0b", "order_placed", "invalid_characters", "user_id" },
        { " \t\u00a0", "order_placed", "empty", "user_id" },
        { "\ud83d", "order_placed", "invalid_characters", "user_id" },
        { "\ude00\ud83d", "order_placed", "invalid_characters", "user_id" },
        { "user", null, "required", "event_type" },
        { "user", "", "empty", "event_type" },
        { "user", new string('a', 129), "too_long", "event_type" },
        { "user", "a\tb", "invalid_characters", "event_type" },
        { "user", "a\u0085b", "invalid_characters", "event_type" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Check_BrokenRule_NamesCodeAndField(string? userId, string? eventType, string code, string field)
    {
        var fault = EventRules.Check(userId, eventType, Guid.NewGuid(), Now, Now);

        Assert.Equal((DropReason.Invalid, code, field), (fault!.Reason, fault.Code, fault.Field));
    }

    [Fact]
    public void Check_LongestOfFourByteCharacters_IsValid() => Assert.Null(EventRules.Check(
        string.Concat(Enumerable.Repeat("😀", 256)), string.Concat(Enumerable.Repeat("😀", 128)), Guid.NewGuid(), Now, Now));

    [Fact]
    public void Check_NilId_IsInvalid() => Assert.Equal("invalid_event_id", EventRules.Check("user", "a", Guid.Empty, Now, Now)!.Code);

    [Theory]
    [InlineData("2026-01-03T03:04:05Z", null)]
    [InlineData("2026-01-03T03:04:05.001Z", "timestamp_in_future")]
    [InlineData("2000-01-01T00:00:00Z", null)]
    [InlineData("1999-12-31T23:59:59.999Z", "timestamp_too_old")]
    public void Check_Time_MustLieInTheWindow(string time, string? code) =>
        Assert.Equal(code, EventRules.Check("user", "a", Guid.NewGuid(), DateTimeOffset.Parse(time, null), Now)?.Code);

    [Theory]
    [InlineData("order_placed", true)]
    [InlineData("a", true)]
    [InlineData("a1_2", true)]
    [InlineData("_a", false)]
    [InlineData("a_", false)]
    [InlineData("a__b", false)]
    [InlineData("1a", false)]
    [InlineData("orderPlaced", false)]
    [InlineData("order placed", false)]
    [InlineData("é", false)]
    public void IsSnakeCase_AnyText_FollowsTheRule(string text, bool expected) => Assert.Equal(expected, EventRules.IsSnakeCase(text));

    [Fact]
    public void Check_AnyText_NeverThrows() =>
        Gen.Select(Gen.String, Gen.String).Sample((userId, eventType) => { EventRules.Check(userId, eventType, Guid.NewGuid(), Now, Now); });
}
