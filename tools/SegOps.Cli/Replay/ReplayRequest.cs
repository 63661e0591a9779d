namespace SegOps.Cli.Replay;

/// <summary>What a command line asks for.</summary>
internal abstract record ReplayRequest
{
    /// <summary>Whether messages may be published, for which Pub/Sub must be configured.</summary>
    public virtual bool Publishes => false;
}

/// <summary>Lists dead letters, the newest first.</summary>
/// <param name="Letters">Which.</param>
/// <param name="Limit">Most that are listed.</param>
internal sealed record ListLetters(LetterFilter Letters, int Limit) : ReplayRequest;

/// <summary>Shows one dead letter.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Raw">Its bytes alone, as they came.</param>
internal sealed record ShowLetter(Guid Id, bool Raw) : ReplayRequest;

/// <summary>Sends dead letters' rows again and closes those letters whose rows are then stored.</summary>
/// <param name="Letters">Which.</param>
/// <param name="RowFile">A file with the corrected row to send instead, - for standard input; null sends what was refused.</param>
/// <param name="DryRun">Says what would happen, and does nothing.</param>
/// <param name="Wait">How long to wait for rows to be stored, counted anew whenever one is.</param>
internal sealed record ReplayLetters(LetterFilter Letters, string? RowFile, bool DryRun, TimeSpan Wait) : ReplayRequest
{
    public override bool Publishes => !DryRun;
}

/// <summary>Publishes stored events again.</summary>
/// <param name="Project">Of this project.</param>
/// <param name="Environment">Of this environment.</param>
/// <param name="From">Received from then on.</param>
/// <param name="To">Received before.</param>
/// <param name="DryRun">Says what would happen, and does nothing.</param>
internal sealed record ReplayEvents(string Project, string Environment, DateTimeOffset From, DateTimeOffset To, bool DryRun) : ReplayRequest
{
    public override bool Publishes => !DryRun;
}

/// <summary>Which dead letters: those that all the given parts are true of.</summary>
/// <param name="Ids">Dead letter ids; none means any.</param>
/// <param name="Project">Of this project.</param>
/// <param name="Code">With this code, such as <c>clickhouse_469</c>.</param>
/// <param name="Since">Seen first at this time or later.</param>
/// <param name="Closed">Those that were replayed as well.</param>
internal sealed record LetterFilter(IReadOnlyList<Guid> Ids, string? Project = null, string? Code = null, DateTimeOffset? Since = null, bool Closed = false);
