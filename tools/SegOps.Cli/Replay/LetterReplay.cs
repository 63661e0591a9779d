using System.Globalization;
using SegOps.Contracts;
using SegOps.Warehouse;

namespace SegOps.Cli.Replay;

/// <summary>
/// Publishes dead letters' rows again in pages, oldest first. A letter is closed when its rows are in their table. If they already are, it is
/// closed without publishing. A replay can therefore be interrupted and repeated.
/// </summary>
internal sealed class LetterReplay(LetterStore letters, RowStore store, IServiceProvider services, ReplayConsole console, TimeProvider time)
{
    /// <summary>Letters in a page. With the largest rows (100 KB), a page has 50 MB.</summary>
    private const int PageLetters = 500;

    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(0.25);

    /// <summary>Replays the letters of <paramref name="request"/>.</summary>
    public async Task<int> RunAsync(ReplayLetters request, CancellationToken stop)
    {
        var (count, unknown) = await letters.CountAsync(request.Letters, stop);
        var progress = new ReplayProgress(console, time, count, showsStored: true);
        var tally = new ReplayTally();
        foreach (var id in unknown)
            progress.WriteLine($"{id}: this dead letter does not exist.");
        tally.Refused += unknown.Count;
        tally.NotOpen = Math.Max(0, request.Letters.Ids.Distinct().Count() - unknown.Count - count);

        Letter? after = null;
        while (await letters.NextAsync(request.Letters, after, PageLetters, stop) is { Count: > 0 } page)
        {
            List<ReplayItem> items = [];
            foreach (var letter in page)
                if (await ItemAsync(letter, request, stop) is not { } item)
                    Refuse(letter, RefusalReason(letter), tally, progress);
                else if (letter.IsRow)
                    items.Add(item);
                else // A page of whole messages could fill the memory.
                    await ReplayAsync(item.Target, [item], request, tally, progress, stop);
            foreach (var group in items.GroupBy(item => (item.Target, item.Rows[0].Project, item.Rows[0].Environment)))
                await ReplayAsync(group.Key.Target, [.. group], request, tally, progress, stop);
            after = page[^1];
        }

        if (!request.DryRun)
            progress.End();
        await console.Out.WriteLineAsync(tally.Summary(request.DryRun));
        return tally.Refused > 0 ? ReplayStatus.Incomplete : tally.NotSeen > 0 ? ReplayStatus.Unavailable : ReplayStatus.Done;
    }

    private async Task<ReplayItem?> ItemAsync(Letter letter, ReplayLetters request, CancellationToken stop)
    {
        if (letter.Target is not { } target)
            return null;
        if (request.RowFile is { } file)
            return new(letter, target, CorrectedRows.Read(await letters.OneAsync(letter.Id, stop), target, await ReadAsync(file, stop)));
        if (letter.Code == DeadLetterCodes.DeliveryAttemptsExhausted)
            return CorrectedRows.OfMessage(await letters.OneAsync(letter.Id, stop), target) is { } rows ? new(letter, target, rows) : null;
        return letter.IsRow && ReplayRow.Read(target, letter.Raw) is { } row ? new(letter, target, [row]) : null;
    }

    private static string RefusalReason(Letter letter) => letter switch
    {
        { Target: null } => $"this version does not know the table {letter.Table}",
        { Code: DeadLetterCodes.DeliveryAttemptsExhausted } => "its rows cannot be read; send its corrected rows with --row",
        { IsRow: false } => $"it is a whole message that could not be read ({letter.Code}); send its corrected rows with --row",
        _ => "it is not a JSON object with project, environment and id; send the corrected row with --row",
    };

    private async Task ReplayAsync(
        StreamTarget target, List<ReplayItem> items, ReplayLetters request, ReplayTally tally, ReplayProgress progress, CancellationToken stop)
    {
        var stored = await store.StoredAsync(target, Rows(items), stop);
        var before = items.Where(item => item.IsWithin(stored)).ToList();
        tally.StoredBefore += before.Count;
        progress.Done(before.Count);
        if (!request.DryRun)
            await letters.CloseAsync([.. before.Select(item => item.Letter)], stop);

        var open = items.Except(before).Select(item => item with { Rows = [.. item.Rows.Where(row => !stored.Contains(row.Id))] }).ToList();
        var faults = await store.RefusedAsync(target, Rows(open), stop);
        foreach (var item in open.Where(item => item.Rows.Any(faults.ContainsKey)).ToList())
        {
            var fault = faults[item.Rows.First(faults.ContainsKey)];
            Refuse(item.Letter, $"it would be refused again ({fault.Code}){(request.RowFile is null ? "" : $": {fault.Message.Trim()}")}", tally, progress);
            open.Remove(item);
        }

        if (request.DryRun)
            tally.Replayed += open.Count;
        else if (open.Count > 0)
            await SendAsync(target, open, request.Wait, tally, progress, stop);
    }

    private async Task SendAsync(
        StreamTarget target, List<ReplayItem> open, TimeSpan wait, ReplayTally tally, ReplayProgress progress, CancellationToken stop)
    {
        // An event can have several letters. One of them is sent, and all are closed.
        List<ReplayRow> rows = [.. Rows(open).DistinctBy(row => row.Id)];
        await services.GetRequiredService<RowPublisher>().PublishAsync(target, rows, count => progress.Published(count), stop);
        var stored = await WaitAsync(target, rows, wait, progress, stop);

        var done = open.Where(item => item.IsWithin(stored)).ToList();
        await letters.CloseAsync([.. done.Select(item => item.Letter)], stop);
        tally.Replayed += done.Count;
        tally.NotSeen += open.Count - done.Count;
        progress.Done(done.Count);
        if (done.Count == 0)
            throw new ReplayException(string.Create(
                CultureInfo.InvariantCulture,
                $"{rows.Count:N0} rows were published, but none was stored within {wait.TotalSeconds:0} s. Check that an ingestor is running and healthy."),
                ReplayStatus.Unavailable);
    }

    /// <summary>Waits until all rows are stored, or none was stored for <paramref name="wait"/>.</summary>
    private async Task<HashSet<Guid>> WaitAsync(
        StreamTarget target, List<ReplayRow> rows, TimeSpan wait, ReplayProgress progress, CancellationToken stop)
    {
        HashSet<Guid> stored = [];
        var last = time.GetTimestamp();
        while (true)
        {
            var more = await store.StoredAsync(target, [.. rows.Where(row => !stored.Contains(row.Id))], stop);
            if (more.Count > 0)
                last = time.GetTimestamp();
            stored.UnionWith(more);
            progress.Stored(more.Count);
            if (stored.Count == rows.Count || time.GetElapsedTime(last) > wait)
                return stored;
            await Task.Delay(PollInterval, time, stop);
        }
    }

    private static List<ReplayRow> Rows(List<ReplayItem> items) => [.. items.SelectMany(item => item.Rows)];

    private static void Refuse(Letter letter, string reason, ReplayTally tally, ReplayProgress progress)
    {
        tally.Refused++;
        progress.Done(1);
        progress.WriteLine($"{letter.Id}: {reason}.");
    }

    private async Task<byte[]> ReadAsync(string file, CancellationToken stop)
    {
        if (file != "-")
            return File.Exists(file) ? await File.ReadAllBytesAsync(file, stop) : throw new ReplayException($"The file {file} does not exist.");
        using var text = new MemoryStream();
        await using var input = console.In();
        await input.CopyToAsync(text, stop);
        return text.ToArray();
    }
}
