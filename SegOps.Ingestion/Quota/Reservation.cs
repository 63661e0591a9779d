namespace SegOps.Ingestion.Quota;

/// <summary>What became of the attempt to reserve a request's events.</summary>
/// <param name="Granted">Whether they may be published.</param>
/// <param name="Count">How many events.</param>
/// <param name="Month">The month they count in, <c>yyyy-MM</c> (UTC); empty for what is not counted.</param>
/// <param name="Used">The project's live events of the month, the reserved ones included; null when not known.</param>
/// <param name="UntilReset">How long the month lasts.</param>
internal sealed record Reservation(bool Granted, int Count, string Month, long? Used, TimeSpan UntilReset)
{
    /// <summary>For test keys, whose events do not count.</summary>
    public static readonly Reservation NotCounted = new(true, 0, "", null, TimeSpan.Zero);
}
