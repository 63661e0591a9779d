namespace SegOps.Client.Tests.Fixtures;

/// <summary>Ends a test that would wait for ever.</summary>
internal static class Guard
{
    private static readonly CancellationTokenSource Source = new(TimeSpan.FromMinutes(10));

    public static CancellationToken Token => Source.Token;
}
