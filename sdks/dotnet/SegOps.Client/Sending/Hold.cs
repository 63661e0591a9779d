namespace SegOps.Client.Sending;

/// <summary>An episode in which sending makes no sense until somebody acts. One event is tried from time to time.</summary>
internal sealed class Hold(ClientErrorKind kind, int batchCount, int allowance)
{
    public ClientErrorKind Kind => kind;

    /// <summary>Events of the batch that began the episode.</summary>
    public int BatchCount => batchCount;

    /// <summary>Events that still fit the quota, which are sent once.</summary>
    public int Allowance { get; private set; } = allowance;

    /// <summary>Probes that failed. The next one tries another event, because something on the way may dislike this one only.</summary>
    public int Probes { get; private set; }

    /// <summary>What fits the quota has been sent, or did not fit any more.</summary>
    public void EndAllowance() => Allowance = 0;

    public void ProbeFailed() => Probes++;
}
