using ClickHouse.Driver.ADO;
using CsCheck;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Monitoring;

/// <summary>Compares the traits in ClickHouse with those that a plain loop over the identifies gives.</summary>
public sealed class TraitPropertyTests(ClickHouseFixture clickHouse)
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly Gen<string> Member = Gen.Select(
        Gen.Int[0, 2].Select(i => "abc"[i]), Gen.Int[-2, 4], (name, value) => $"\"{name}\":{(value < 0 ? "null" : $"{value}")}");

    /// <summary>An identify; without a time of its own, each copy of it occurred when it was received.</summary>
    private static readonly Gen<Identify> Identifies = Gen.Select(
        Gen.Guid.Where(id => id != Guid.Empty), Gen.Int[-6, 6], Member.Array[0, 4],
        (id, second, members) => new Identify(id, second < -2 ? null : second, members));

    /// <summary>Requests in the order in which they are stored, each with its time of receipt. Some events are in several of them.</summary>
    private static readonly Gen<Request[]> Requests = Identifies.Array[1, 6].SelectMany(identifies => Gen.Select(
        Gen.Int[0, 4], Gen.Int[0, identifies.Length - 1].Select(i => identifies[i]).Array[1, 4], (second, sent) => new Request(second, sent)).Array[1, 6]);

    [Fact]
    public async Task Identifies_InAnyOrderAndWithCopies_GiveTheTraitsOfAPlainLoop()
    {
        using var tables = await clickHouse.NewTablesAsync();
        Dictionary<string, string> expected = [];

        await Requests.SampleAsync(async requests =>
        {
            var user = Unique.Name("user-");
            foreach (var request in requests)
                await tables.TrackAsync("p", Start.AddSeconds(request.Second), [.. request.Identifies.Select(each => each.Json(user))]);

            expected[user] = Traits(requests);
            Assert.Equal(expected[user], (await TraitsAsync(tables)).GetValueOrDefault(user, "{}"));
        }, iter: 40, threads: 1);

        await tables.MergeAsync("user_trait_values");
        var merged = await TraitsAsync(tables);
        Assert.Equal(expected, expected.ToDictionary(each => each.Key, each => merged.GetValueOrDefault(each.Key, "{}")));
    }

    private static string Traits(Request[] requests)
    {
        var copies = requests.SelectMany(request => request.Identifies.Select((each, position) => (each, request.Second, Position: position)));
        var events = copies.GroupBy(copy => copy.each.Id).Select(same => (
            At: same.Min(copy => Math.Min(copy.each.Second ?? copy.Second, copy.Second)),
            First: same.Min(copy => (copy.Second, copy.Position)),
            Id: same.Key,
            same.First().each.Members));

        SortedDictionary<string, string> traits = new(StringComparer.Ordinal);
        foreach (var member in events.OrderBy(each => (each.At, each.First, each.Id)).SelectMany(each => each.Members))
        {
            var (name, value) = (member.Split(':')[0], member.Split(':')[1]);
            if (value == "null")
                traits.Remove(name);
            else
                traits[name] = value;
        }

        return $"{{{string.Join(',', traits.Select(trait => $"{trait.Key}:{trait.Value}"))}}}";
    }

    private static async Task<Dictionary<string, string>> TraitsAsync(WarehouseTables tables)
    {
        await using var connection = new ClickHouseConnection(tables.ConnectionString);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT user_id, traits FROM user_traits WHERE project_id = 'p' AND environment = 'live'";
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        Dictionary<string, string> traits = [];
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            traits.Add(reader.GetString(0), reader.GetString(1));
        return traits;
    }

    /// <param name="Id">The event's id.</param>
    /// <param name="Second">When it occurred, in seconds after the start; null if it was sent without a time.</param>
    /// <param name="Members">The members of its payload.</param>
    private sealed record Identify(Guid Id, int? Second, string[] Members)
    {
        public string Json(string user) =>
            $$$"""{"user_id":"{{{user}}}","event_type":"context_identified","event_id":"{{{Id}}}","payload":{{{Payload}}}{{{OccurredAt}}}}""";

        private string Payload => $"{{{string.Join(',', Members)}}}";

        private string OccurredAt => Second is { } second ? $",\"occurred_at\":\"{Start.AddSeconds(second):O}\"" : "";
    }

    private sealed record Request(int Second, Identify[] Identifies);
}
