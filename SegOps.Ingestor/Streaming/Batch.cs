namespace SegOps.Ingestor.Streaming;

/// <summary>Deliveries that are stored together.</summary>
/// <param name="openedAt">When the first of them came, in ticks of the clock's timestamp.</param>
internal sealed class Batch(long openedAt)
{
    private readonly List<Delivery> _deliveries = [];

    /// <summary>When the first of them came, as <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long OpenedAt { get; } = openedAt;

    /// <summary>In the order of their coming.</summary>
    public IReadOnlyList<Delivery> Deliveries => _deliveries;

    /// <summary>Rows of all deliveries.</summary>
    public int Rows { get; private set; }

    /// <summary>Bytes of all deliveries, unpacked.</summary>
    public long Bytes { get; private set; }

    /// <summary>Adds one more.</summary>
    public void Add(Delivery delivery)
    {
        _deliveries.Add(delivery);
        Rows += delivery.Rows;
        Bytes += delivery.Bytes;
    }
}
