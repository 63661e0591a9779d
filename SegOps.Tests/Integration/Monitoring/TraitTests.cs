using System.Text.Json;
using SegOps.Contracts;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Monitoring;

/// <summary>What identifies make of a user's traits, from the body of the request to the answer about the user.</summary>
public sealed class TraitTests(ClickHouseFixture clickHouse) : IAsyncLifetime
{
    private const string Project = "p";
    private const string Id = "0190163d-8694-739b-aea5-966c26f8ad91";
    private static readonly DateTimeOffset Start = new(TimeProvider.System.GetUtcNow().AddDays(-2).Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, TimeSpan.Zero);

    private WarehouseTables _tables = null!;
    private int _seconds;

    public async ValueTask InitializeAsync() => _tables = await clickHouse.NewTablesAsync();

    public ValueTask DisposeAsync()
    {
        _tables.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Identify_WithAnotherTrait_LeavesBoth() =>
        Assert.Equal("""{"email":"a@b","plan":"pro"}""", await TraitsAfterAsync(Identify("""{"email":"a@b"}"""), Identify("""{"plan":"pro"}""")));

    [Fact]
    public async Task Identify_WithTheSameTrait_ReplacesItsValue() =>
        Assert.Equal("""{"plan":"pro"}""", await TraitsAfterAsync(Identify("""{"plan":"free"}"""), Identify("""{"plan":"pro"}""")));

    [Fact]
    public async Task Identify_OccurredEarlierAndCameLater_SetsOnlyWhatIsNotSetLater() => Assert.Equal(
        """{"email":"old","plan":"new"}""",
        await TraitsAfterAsync(
            Identify("""{"plan":"new"}""", "2026-02-01T00:00:00Z"), Identify("""{"plan":"old","email":"old"}""", "2026-01-01T00:00:00Z")));

    [Fact]
    public async Task Identify_OccurredAtTheSameTime_IsOverriddenByTheOneReceivedLater() => Assert.Equal(
        """{"plan":"second"}""",
        await TraitsAfterAsync(Identify("""{"plan":"first"}""", "2026-02-01T00:00:00Z"), Identify("""{"plan":"second"}""", "2026-02-01T00:00:00Z")));

    [Fact]
    public async Task Identifies_OfOneRequest_CountInItsOrder()
    {
        await SendAsync([.. Enumerable.Range(1, 12).Select(i => Identify($$"""{"step":{{i}}}"""))]);

        Assert.Equal("""{"step":12}""", await TraitsAsync());
    }

    [Fact]
    public async Task Null_UnsetsThatTraitOnly() =>
        Assert.Equal("""{"email":"a@b"}""", await TraitsAfterAsync(Identify("""{"email":"a@b","plan":"pro"}"""), Identify("""{"plan":null}""")));

    [Fact]
    public async Task Null_ThenAValue_SetsTheTraitAgain() => Assert.Equal(
        """{"plan":"pro"}""", await TraitsAfterAsync(Identify("""{"plan":"free"}"""), Identify("""{"plan":null}"""), Identify("""{"plan":"pro"}""")));

    [Fact]
    public async Task Null_LaterThanAValueThatComesAfterIt_KeepsTheTraitUnset() => Assert.Equal(
        "{}", await TraitsAfterAsync(Identify("""{"plan":null}""", "2026-02-01T00:00:00Z"), Identify("""{"plan":"pro"}""", "2026-01-01T00:00:00Z")));

    [Fact]
    public async Task EmptyAndFalseValues_AreSet() => Assert.Equal(
        """{"a":"","b":0,"c":false,"d":[],"e":{},"f":"null"}""", await TraitsAfterAsync(Identify("""{"a":"","b":0,"c":false,"d":[],"e":{},"f":"null"}""")));

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    public async Task Payload_NullOrEmpty_ChangesNothing(string payload) =>
        Assert.Equal("""{"plan":"pro"}""", await TraitsAfterAsync(Identify("""{"plan":"pro"}"""), Identify(payload)));

    [Fact]
    public async Task Identify_Dated23HoursAhead_IsOverriddenByALaterOne() => Assert.Equal(
        """{"plan":"pro"}""",
        await TraitsAfterAsync(Identify("""{"plan":"free"}""", Start.AddHours(23).ToString("O")), Identify("""{"plan":"pro"}""")));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Identify_SentAgainWithoutOccurredAt_DoesNotOverrideNewerTraits(bool merged)
    {
        var first = Identify("""{"plan":"free","email":"a@b"}""", id: Id);
        await SendAsync(first);
        await SendAsync(Identify("""{"plan":"pro"}"""));
        await SendAsync(first);
        if (merged)
            await _tables.MergeAsync("user_trait_values");

        Assert.Equal("""{"email":"a@b","plan":"pro"}""", await TraitsAsync());
    }

    [Fact]
    public async Task Identify_SentAgainInTheSameRequest_DoesNotOverrideTheOneBetween()
    {
        var first = Identify("""{"plan":"free"}""", id: Id);

        await SendAsync(first, Identify("""{"plan":"pro"}"""), first);

        Assert.Equal("""{"plan":"pro"}""", await TraitsAsync());
    }

    [Fact]
    public async Task Identify_WithMoreThan200Traits_SetsTheFirst200()
    {
        var names = Enumerable.Range(0, EventLimits.MaxTraits + 1).Select(i => $"t{(i * 37) % 1000:000}").ToList();

        var traits = await TraitsAfterAsync(Identify($"{{{string.Join(',', names.Select(name => $"\"{name}\":1"))}}}"));

        Assert.Equal(
            names.Take(EventLimits.MaxTraits).Order(StringComparer.Ordinal), JsonElement.Parse(traits).EnumerateObject().Select(trait => trait.Name));
    }

    [Fact]
    public async Task NestedValues_AreTheirJson() => Assert.Equal(
        """{"address":{"city":"Köln","tags":[1,null,{"a":"b\"c"}]}}""",
        await TraitsAfterAsync(Identify("""{"address": {"city": "K\u00f6ln", "tags": [1, null, {"a":"b\"c"}]}}""")));

    [Theory]
    [InlineData("""{"plan":"z","plan":"a"}""", """{"plan":"a"}""")]
    [InlineData("""{"plan":"a","plan":"z"}""", """{"plan":"z"}""")]
    [InlineData("""{"plan":"a","plan":null}""", "{}")]
    [InlineData("""{"plan":"a","pl\u0061n":"b"}""", """{"plan":"b"}""")]
    public async Task NameTwiceInAPayload_TheLastCounts(string payload, string expected) => Assert.Equal(expected, await TraitsAfterAsync(Identify(payload)));

    [Fact]
    public async Task NameWithEscapes_IsTheSameTrait() =>
        Assert.Equal("""{"plan":"pro"}""", await TraitsAfterAsync(Identify("""{"plan":"free"}"""), Identify("""{"pl\u0061n":"pro"}""")));

    [Fact]
    public async Task OtherEvents_SetNoTraits() =>
        Assert.Equal("{}", await TraitsAfterAsync("""{"user_id":"anna","event_type":"order_placed","payload":{"plan":"pro"}}"""));

    [Theory]
    [InlineData(-60)]
    [InlineData(60)]
    public async Task Trait_Shown_NamesTheEventThatSetItAndItsTimes(int minutesAhead)
    {
        await SendAsync(Identify("""{"plan":"free"}""", "2026-01-01T00:00:00Z"));
        await SendAsync(Identify("""{"plan":"pro"}""", Start.AddMinutes(minutesAhead).ToString("O"), Id));
        await SendAsync(Identify("""{"plan":"basic"}""", "2026-01-15T00:00:00Z"));
        await using var monitoring = await MonitoringUnderTest.StartAsync(_tables.ConnectionString);

        var trait = Assert.Single((await monitoring.ReadAsync("/api/monitoring/users/anna", Project)).GetProperty("traits").EnumerateArray());

        Assert.Equal(("plan", "pro", Id), (trait.GetProperty("name").GetString(), trait.GetProperty("value").GetString(), trait.GetProperty("event_id").GetString()));
        Assert.Equal(Start.AddSeconds(1), trait.GetProperty("received_at").GetDateTimeOffset());
        Assert.Equal(minutesAhead < 0 ? Start.AddMinutes(minutesAhead) : Start.AddSeconds(1), trait.GetProperty("set_at").GetDateTimeOffset());
    }

    [Fact]
    public async Task View_OfUsers_HasTheSameTraits()
    {
        await TraitsAfterAsync(Identify("""{"pl\"an":"pro","email":"a@b/c"}"""), Identify("""{"email":{"a":[1]}}"""));

        Assert.Equal(1, await _tables.CountAsync("user_traits", """project_id = 'p' AND user_id = 'anna' AND traits = '{"email":{"a":[1]},"pl\\"an":"pro"}'"""));
    }

    private static string Identify(string payload, string? occurredAt = null, string? id = null) =>
        $$"""{"user_id":"anna","event_type":"context_identified","payload":{{payload}}{{Field("occurred_at", occurredAt)}}{{Field("event_id", id)}}}""";

    private static string Field(string name, string? value) => value is null ? "" : $",\"{name}\":\"{value}\"";

    /// <summary>The traits after a request for each of <paramref name="events"/>, a second apart.</summary>
    private async Task<string> TraitsAfterAsync(params string[] events)
    {
        foreach (var sent in events)
            await SendAsync(sent);
        return await TraitsAsync();
    }

    /// <summary>Stores one request, received a second after the one before.</summary>
    private Task SendAsync(params string[] events) => _tables.TrackAsync(Project, Start.AddSeconds(_seconds++), events);

    /// <summary>The user's traits as one JSON object.</summary>
    private async Task<string> TraitsAsync()
    {
        await using var monitoring = await MonitoringUnderTest.StartAsync(_tables.ConnectionString);
        var traits = (await monitoring.ReadAsync("/api/monitoring/users/anna", Project)).GetProperty("traits").EnumerateArray();
        return $"{{{string.Join(',', traits.Select(trait => $"{trait.GetProperty("name").GetRawText()}:{trait.GetProperty("value").GetRawText()}"))}}}";
    }
}
