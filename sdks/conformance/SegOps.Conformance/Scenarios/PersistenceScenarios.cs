using System.Diagnostics;
using System.Globalization;
using SegOps.Conformance.Playing;
using SegOps.Conformance.Sdks;
using SegOps.Conformance.Server;

namespace SegOps.Conformance.Scenarios;

/// <summary>Events on the disk: rule 23.</summary>
internal static class PersistenceScenarios
{
    /// <summary>Twice what rule 23 allows: a busy machine runs the thread that writes late.</summary>
    private static readonly TimeSpan OnDisk = TimeSpan.FromMilliseconds(500);

    private static readonly HttpAnswer Outage = Answers.Problem(503, "stream_unavailable");

    /// <summary>How often the process is killed.</summary>
    public static int Kills { get; } =
        int.Parse(Environment.GetEnvironmentVariable("SEGOPS_CONFORMANCE_KILLS") ?? "50", CultureInfo.InvariantCulture);

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new(30, "killed at random points", KilledAsync) { IsOfPersistence = true },
        new(30, "torn file", run => DamagedAsync(run, file => File.AppendAllText(file, "{\"torn\":tr"))) { IsOfPersistence = true },
        new(30, "file without its last bytes", run => DamagedAsync(run, Shorten, lost: 1)) { IsOfPersistence = true },
        new(30, "full disk", FullDiskAsync) { IsOfPersistence = true },
        new(30, "second process", SecondProcessAsync) { IsOfPersistence = true },
        new(30, "shutdown keeps events", ShutdownAsync) { IsOfPersistence = true },
    ];

    private static async Task KilledAsync(Run run)
    {
        using var folder = new Folder();
        var random = new Random(30);
        var mustArrive = new HashSet<string>();
        run.AdoptsOrphans = true;
        run.Server.Otherwise = request => random.Next(5) switch
        {
            0 => Outage,
            1 => new Silence(),
            2 => new BrokenOff(Answers.Accept(request), 0),
            _ => Answers.Accept(request),
        };
        for (var kill = 1; kill <= Kills; kill++)
        {
            var client = await NewAsync(run, folder);
            var (tracked, lifetime) = (new List<(string Id, long At)>(), random.Next(1500));
            for (var began = Stopwatch.StartNew(); began.ElapsedMilliseconds < lifetime;)
            {
                var ids = (await client.TrackAsync(Sample.Event, repeat: random.Next(1, 30))).Ids;
                tracked.AddRange(ids.Select(id => (id!, Stopwatch.GetTimestamp())));
                await Task.Delay(random.Next(100));
            }

            mustArrive.UnionWith(tracked.Where(each => Stopwatch.GetElapsedTime(each.At) > OnDisk).Select(each => each.Id));
            await run.KillAsync();
            run.Start();
        }

        run.Server.Otherwise = Answers.Accept;
        await NewAsync(run, folder);
        await ArriveAsync(run, mustArrive, $"after {Kills} kills");
    }

    /// <param name="run">The scenario.</param>
    /// <param name="damage">What happens to the file.</param>
    /// <param name="lost">How many events the damage may cost.</param>
    private static async Task DamagedAsync(Run run, Action<string> damage, int lost = 0)
    {
        using var folder = new Folder();
        run.AdoptsOrphans = true;
        run.Server.Otherwise = _ => Outage;
        var ids = (await (await NewAsync(run, folder)).TrackAsync(Sample.Event, repeat: 50)).Ids;
        await Task.Delay(OnDisk);
        await run.KillAsync();
        damage(folder.Files.Last(file => File.ReadAllText(file).Contains(ids[^1]!, StringComparison.Ordinal)));

        run.Server.Otherwise = Answers.Accept;
        run.Start();
        var client = await NewAsync(run, folder);
        var later = (await client.TrackAsync(Sample.Event)).Ids;
        await ArriveAsync(run, [.. ids.Take(ids.Count - lost), .. later], "from a damaged file");
    }

    private static async Task FullDiskAsync(Run run)
    {
        using var folder = Folder.Full();
        run.Server.Otherwise = _ => Outage;
        var client = await NewAsync(run, folder);
        var ids = (await client.TrackAsync(Sample.Sized(4000), repeat: 20)).Ids;
        await Expect.SoonAsync(
            () => client.Errors.Any(error => error.Text("kind") == "storage") || client.Warnings.Any(warning => warning.Text("code") == "storage"),
            () => "Nothing was reported about the storage.");

        run.Server.Otherwise = Answers.Accept;
        await ArriveAsync(run, ids, "while the disk is full");
        Expect.Equal(0, client.Drops.Count, "drops");
    }

    /// <summary>The second process leaves the events of the first to it, and takes them when it is gone. The key may change meanwhile.</summary>
    private static async Task SecondProcessAsync(Run run)
    {
        using var folder = new Folder();
        run.AdoptsOrphans = true;
        run.Server.Otherwise = request => request.Head["Authorization"]!.EndsWith('1') ? Outage : Answers.Accept(request);
        var first = await NewAsync(run, folder);
        var early = (await first.TrackAsync(Sample.Event, repeat: 10)).Ids;
        await Task.Delay(OnDisk);
        run.Start();
        var second = await NewAsync(run, folder, Sample.Key + "2");
        var late = (await second.TrackAsync(Sample.Event, repeat: 10)).Ids;
        await ArriveAsync(run, late, "from the second process");
        Expect.That(!run.Server.AcceptedOf(second.Key).Intersect(early).Any(), "The second process sent events of the first, which was running.");

        await first.Driver.KillAsync();
        await second.ShutdownAsync();
        run.Start();
        await NewAsync(run, folder, Sample.Key + "3");
        await ArriveAsync(run, early, "from the process that was killed");
    }

    private static async Task ShutdownAsync(Run run)
    {
        using var folder = new Folder();
        run.AdoptsOrphans = true;
        run.Server.Otherwise = _ => Outage;
        var first = await NewAsync(run, folder);
        var ids = (await first.TrackAsync(Sample.Event, repeat: 10)).Ids;
        var outcome = await first.ShutdownAsync(TimeSpan.FromSeconds(1));
        Expect.Equal(0, first.Drops.Count, "drops");
        Expect.Equal(10, outcome.Remaining, "remaining after shutdown");
        await run.KillAsync();

        run.Server.Otherwise = Answers.Accept;
        run.Start();
        await NewAsync(run, folder);
        await ArriveAsync(run, ids, "after a shutdown");
    }

    private static Task<Client> NewAsync(Run run, Folder folder, string? key = null) => run.NewAsync(
        new { persistenceDirectory = folder.Path, flushAt = 20, flushIntervalMs = 200, backoffBaseMs = 50, backoffMaxMs = 200, requestTimeoutMs = 2000 },
        key: key);

    private static async Task ArriveAsync(Run run, IReadOnlyCollection<string?> ids, string when)
    {
        HashSet<string?> Missing() => [.. ids.Except(run.Server.Requests.SelectMany(request => request.Accepted))];
        await Expect.SoonAsync(() => Missing().Count == 0, () => $"{Missing().Count} of {ids.Count} events did not arrive {when}.");
    }

    private static void Shorten(string file)
    {
        using var stream = File.OpenWrite(file);
        stream.SetLength(stream.Length - 10);
    }
}
