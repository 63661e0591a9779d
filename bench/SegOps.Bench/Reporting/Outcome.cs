using System.Globalization;

namespace SegOps.Bench.Reporting;

/// <summary>The result of an experiment.</summary>
internal sealed record Outcome
{
    /// <summary>The conditions of the measurement: rounds, lengths, sizes.</summary>
    public required string Conditions { get; init; }

    /// <summary>The figures.</summary>
    public required IReadOnlyList<Table> Tables { get; init; }

    /// <summary>Counts that must be exact.</summary>
    public IReadOnlyList<ExactCount> Counts { get; init; } = [];

    /// <summary>Errors, as sentences.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    /// <summary><see cref="Faults"/>, inexact counts and invalid figures.</summary>
    public IReadOnlyList<string> Failures => [.. Faults, .. Counts.Where(count => !count.IsExact).Select(count => $"{count}."), .. InvalidFigures()];

    /// <summary>Whether the output is correct, regardless of speed.</summary>
    public bool Succeeded => Failures.Count == 0;

    /// <summary>Creates the outcome of an experiment that failed with an exception.</summary>
    internal static Outcome Aborted(string reason) => new() { Conditions = "Aborted.", Tables = [], Faults = [reason] };

    private IEnumerable<string> InvalidFigures()
    {
        if (Faults.Count == 0 && Tables.Count == 0)
            yield return "There are no figures.";
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

/// <summary>A count whose correct value is known.</summary>
/// <param name="What">What is counted.</param>
/// <param name="Expected">The correct value.</param>
/// <param name="Actual">The counted value.</param>
internal sealed record ExactCount(string What, long Expected, long Actual)
{
    /// <summary>Whether both values are equal.</summary>
    public bool IsExact => Expected == Actual;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{What}: {Actual:N0} of {Expected:N0}{(IsExact ? "" : ", which is not exact")}");
}
