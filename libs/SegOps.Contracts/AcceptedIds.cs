namespace SegOps.Contracts;

/// <summary>
/// The hashes at <see cref="RedisKeys.Accepted"/>: the ids of recently accepted events. They distinguish an event in flight from an unknown id.
/// Field: <see cref="FieldOf"/>. Value: the request's time of receipt, Unix time in milliseconds.
/// </summary>
public static class AcceptedIds
{
    /// <summary>The range of <c>received_at</c> that one hash covers: 10 min.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromMinutes(10);

    /// <summary>Expiry of a hash after its last write: 1 h.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    /// <summary>The 16 bytes of <paramref name="id"/>, in the order of its text.</summary>
    public static byte[] FieldOf(Guid id) => id.ToByteArray(bigEndian: true);
}
