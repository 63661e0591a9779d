namespace SegOps.Contracts;

/// <summary>
/// What the hashes at <see cref="RedisKeys.Accepted"/> hold: the ids of events that were accepted a short while ago, so that one can be told from
/// an id that was never sent, while it is on its way into the table. Field: <see cref="FieldOf"/>; value: when its request was received, Unix time
/// in milliseconds.
/// </summary>
public static class AcceptedIds
{
    /// <summary>How much time one hash stands for: 10 min of <c>received_at</c>.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromMinutes(10);

    /// <summary>How long a hash is kept after it was written last: 1 h.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    /// <summary>The 16 bytes of <paramref name="id"/>, in the order in which it is written.</summary>
    public static byte[] FieldOf(Guid id) => id.ToByteArray(bigEndian: true);
}
