namespace SegOps.Bench.Processes;

/// <summary>Waits until a server is ready.</summary>
internal static class Readiness
{
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(50);
    private static readonly HttpClient Client = new();

    /// <summary>Creates a probe that returns true after a 2xx answer of <paramref name="url"/>.</summary>
    public static Func<CancellationToken, Task<bool>> Of(string url) => async cancellationToken =>
    {
        using var response = await Client.GetAsync(new Uri(url), cancellationToken);
        return response.IsSuccessStatusCode;
    };

    /// <summary>Polls every 50 ms until <paramref name="answers"/> returns true. An exception counts as false.</summary>
    /// <exception cref="TimeoutException">The server is not ready within <paramref name="timeout"/>.</exception>
    public static async Task WaitAsync(Func<CancellationToken, Task<bool>> answers, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        try
        {
            while (!await AnswersAsync(answers, deadline.Token))
                await Task.Delay(ProbeInterval, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"Not ready within {timeout.TotalSeconds} s.");
        }
    }

    private static async Task<bool> AnswersAsync(Func<CancellationToken, Task<bool>> answers, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(ProbeTimeout);
        try
        {
            return await answers(timeout.Token);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
