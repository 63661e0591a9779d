using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.Ingestion.Requests;

namespace SegOps.Ingestion.Publishing;

/// <summary>Events of a project with the same error or warning, which have no rows of their own.</summary>
/// <param name="Severity">One of <see cref="Severities"/>.</param>
/// <param name="Code">The code of the event's first error, or of the warning.</param>
/// <param name="Count">The number of events, or of warnings.</param>
internal sealed record FoldedEvents(string Severity, string Code, int Count)
{
    /// <summary>The text of the row.</summary>
    public const string Message = "More errors and warnings came within a minute than are listed one by one. This row counts further ones.";
}

/// <summary>
/// Bounds the rows in the list of errors of a project and minute, so that a flood of invalid events costs others nothing. What is beyond is added up by
/// code. A refused event counts once, as everywhere.
/// </summary>
internal sealed class RejectionFold(IOptions<RejectionOptions> options, TimeProvider clock)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _rows = [];
    private readonly Dictionary<(string Project, string Environment), Folded> _folded = [];
    private long _minuteStart = clock.GetTimestamp();

    /// <summary>Adds up what is beyond the bound.</summary>
    /// <returns>The rest of <paramref name="rejection"/>; null if nothing is left.</returns>
    public Rejection? Take(Rejection rejection)
    {
        lock (_gate)
        {
            if (clock.GetElapsedTime(_minuteStart) >= Minute)
            {
                _minuteStart = clock.GetTimestamp();
                _rows.Clear();
            }

            var project = rejection.Metadata.ProjectId;
            var rows = _rows.GetValueOrDefault(project);
            var kept = Math.Min(rejection.Count, options.Value.RowsPerMinute - rows);
            _rows[project] = rows + kept;
            return kept == rejection.Count ? rejection : Split(rejection, kept);
        }
    }

    /// <summary>Takes the sums since the last call, as a rejection for each project and environment.</summary>
    public IReadOnlyList<Rejection> TakeSums()
    {
        lock (_gate)
        {
            List<Rejection> sums = [.. _folded.Values.Select(folded => folded.Sum())];
            _folded.Clear();
            return sums;
        }
    }

    private Rejection? Split(Rejection rejection, int kept)
    {
        var owner = (rejection.Metadata.ProjectId, rejection.Metadata.Environment);
        if (!_folded.TryGetValue(owner, out var folded))
            _folded[owner] = folded = new Folded(rejection.Metadata);

        // An event with at least one row of its own is counted by that.
        var errors = Math.Min(kept, rejection.Errors.Count);
        var lastOfKept = errors > 0 ? rejection.Errors[errors - 1].Index : (int?)null;
        var previous = lastOfKept;
        foreach (var error in rejection.Errors.Skip(errors))
        {
            if (error.Index != previous)
                folded.Add(Severities.Error, error.Code, 1);
            previous = error.Index;
        }

        foreach (var total in rejection.Warnings.Skip(kept - errors))
            folded.Add(Severities.Warning, total.Code, total.Occurrences);
        return kept == 0 ? null : rejection with { Errors = [.. rejection.Errors.Take(errors)], Warnings = [.. rejection.Warnings.Take(kept - errors)] };
    }

    /// <summary>The sums of a project and environment. The codes are ours, so that they are few.</summary>
    private sealed class Folded(RequestMetadata first)
    {
        private readonly Dictionary<(string Severity, string Code), int> _counts = [];

        public void Add(string severity, string code, int count) =>
            _counts[(severity, code)] = _counts.GetValueOrDefault((severity, code)) + count;

        public Rejection Sum() => Rejection.Of(
            first with { RequestId = Guid.CreateVersion7(first.ReceivedAt) },
            [.. _counts.Select(each => new FoldedEvents(each.Key.Severity, each.Key.Code, each.Value))]);
    }
}
