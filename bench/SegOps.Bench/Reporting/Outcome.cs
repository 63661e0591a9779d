using System.Globalization;

namespace SegOps.Bench.Reporting;

/// <summary>What an experiment showed.</summary>
internal sealed record Outcome
{
    /// <summary>A sentence on what the figures were taken with: rounds, lengths, sizes.</summary>
    public required string Conditions { get; init; }

    /// <summary>The figures.</summary>
    public required IReadOnlyList<Table> Tables { get; init; }

    /// <summary>What has to be exact, however fast it was.</summary>
    public IReadOnlyList<ExactCount> Counts { get; init; } = [];

    /// <summary>What went wrong, in sentences.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    /// <summary>What went wrong in all: <see cref="Faults"/>, counts that are not exact, and figures that cannot be.</summary>
    public IReadOnlyList<string> Failures => [.. Faults, .. Counts.Where(count => !count.IsExact).Select(count => $"{count}."), .. Nonsense()];

    /// <summary>Whether its output is right; says nothing of how fast anything was.</summary>
    public bool Succeeded => Failures.Count == 0;

    /// <summary>The outcome of an experiment that broke off.</summary>
    internal static Outcome BrokenOff(string why) => new() { Conditions = "Broke off.", Tables = [], Faults = [why] };

    private IEnumerable<string> Nonsense()
    {
        if (Faults.Count == 0 && Tables.Count == 0)
            yield return "It gave no figures.";
        foreach (var table in Tables)
        {
            if (!table.Rows.Any(row => row.Any(cell => cell.Figure is not null)))
                yield return $"The table '{table.Columns[0]}' has no figures.";
            foreach (var row in table.Rows)
                foreach (var (column, cell) in row.Index())
                    if (cell.Figure is { } figure && !(double.IsFinite(figure) && figure >= 0))
                        yield return $"'{table.Columns[column]}' of '{row[0].Text}' cannot be {figure}.";
        }
    }
}

/// <summary>A number that is known before it is counted.</summary>
/// <param name="What">What is counted.</param>
/// <param name="Expected">How many there have to be.</param>
/// <param name="Actual">How many there are.</param>
internal sealed record ExactCount(string What, long Expected, long Actual)
{
    /// <summary>Whether both are the same.</summary>
    public bool IsExact => Expected == Actual;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{What}: {Actual:N0} of {Expected:N0}{(IsExact ? "" : ", which is not exact")}");
}
