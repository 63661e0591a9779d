using SegOps.Conformance.Sdks;

namespace SegOps.Conformance.Playing;

/// <summary>Compares a client's own figures with its callbacks and with what the server answered: each loss has exactly one drop.</summary>
internal static class Accounts
{
    public static async Task<IReadOnlyList<string>> FaultsAsync(Run run, Client client)
    {
        var stats = await client.StatsAsync();
        if (client.Options["enabled"]?.GetValue<bool>() == false)
            return [];

        // Callbacks run on a thread of their own, so that the last lines may still be on their way.
        await Expect.SoonAsync(() => client.Drops.Count >= stats.Dropped + stats.Rejected, () => $"{client.Drops.Count} drops were reported: {stats}");
        return [.. Faults(run, client, stats)];
    }

    private static IEnumerable<string> Faults(Run run, Client client, Stats stats)
    {
        foreach (var reason in client.Drops.GroupBy(drop => drop.Text("reason") ?? "none"))
        {
            var counted = reason.Key == "rejected" ? stats.Rejected : stats.Drops.GetValueOrDefault(reason.Key);
            if (counted != reason.Count())
                yield return $"{reason.Count()} drops with the reason {reason.Key} were reported: {stats}";
        }

        foreach (var twice in client.Drops.GroupBy(drop => drop.Text("event_id")).Where(drops => drops.Key is not null && drops.Count() > 1))
            yield return $"The drop of {twice.Key} was reported {twice.Count()} times.";

        // What other processes left is not in the figures of the runner.
        if (run.AdoptsOrphans)
            yield break;
        if (stats.Tracked != client.Calls)
            yield return $"track was called {client.Calls} times: {stats}";

        var dropped = client.Drops.Select(drop => drop.Text("event_id")).OfType<string>().ToHashSet();
        var accepted = run.Server.AcceptedOf(client.Key).ToHashSet();
        if (stats.Accepted != accepted.Count)
            yield return $"The server reported {accepted.Count} accepted events: {stats}";
        if (accepted.Overlaps(dropped))
            yield return $"An accepted event was reported as dropped: {accepted.First(dropped.Contains)}.";

        var undecided = client.Ids.Count(id => !accepted.Contains(id) && !dropped.Contains(id));
        if (undecided != stats.Undecided)
            yield return $"{undecided} events were neither accepted nor dropped: {stats}";
    }
}
