namespace SegOps.Cli.Replay;

/// <summary>The request of a command line.</summary>
internal abstract record ReplayRequest
{
    /// <summary>Whether the request publishes messages, which requires a configured Pub/Sub.</summary>
    public virtual bool Publishes => false;
}

/// <summary>Lists dead letters, newest first.</summary>
/// <param name="Letters">The letters.</param>
/// <param name="Limit">Maximum number of letters.</param>
internal sealed record ListLetters(LetterFilter Letters, int Limit) : ReplayRequest;

/// <summary>Shows one dead letter.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Raw">Whether to print only its bytes.</param>
internal sealed record ShowLetter(Guid Id, bool Raw) : ReplayRequest;

/// <summary>Publishes dead letters' rows again and closes the letters whose rows are stored.</summary>
/// <param name="Letters">The letters.</param>
/// <param name="RowFile">File with the corrected row, or - for standard input. Null: the original row.</param>
/// <param name="DryRun">Whether to show what would happen and change nothing.</param>
/// <param name="Wait">Longest time without a stored row.</param>
internal sealed record ReplayLetters(LetterFilter Letters, string? RowFile, bool DryRun, TimeSpan Wait) : ReplayRequest
{
    public override bool Publishes => !DryRun;
}

/// <summary>Publishes stored events again.</summary>
/// <param name="Project">The project.</param>
/// <param name="Environment">The environment.</param>
/// <param name="From">Time of receipt, inclusive.</param>
/// <param name="To">Time of receipt, exclusive.</param>
/// <param name="DryRun">Whether to show what would happen and change nothing.</param>
internal sealed record ReplayEvents(string Project, string Environment, DateTimeOffset From, DateTimeOffset To, bool DryRun) : ReplayRequest
{
    public override bool Publishes => !DryRun;
}

/// <summary>A filter of dead letters. All given conditions must hold.</summary>
/// <param name="Ids">Ids of dead letters. Empty: any.</param>
/// <param name="Project">The project. Null: any.</param>
/// <param name="Code">The code, such as <c>clickhouse_469</c>. Null: any.</param>
/// <param name="Since">Earliest time when first seen. Null: any.</param>
/// <param name="Closed">Whether to include replayed letters.</param>
internal sealed record LetterFilter(IReadOnlyList<Guid> Ids, string? Project = null, string? Code = null, DateTimeOffset? Since = null, bool Closed = false);
