namespace SegOps.Bench.Processes;

/// <summary>Waits until a server is ready.</summary>
internal static class Readiness
{
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(50);
    private static readonly HttpClient Client = new();

    /// <summary>A probe that is satisfied by a 2xx answer of <paramref name="url"/>.</summary>
    public static Func<CancellationToken, Task<bool>> Of(string url) => async cancellationToken =>
    {
        using var response = await Client.GetAsync(new Uri(url), cancellationToken);
        return response.IsSuccessStatusCode;
    };

    /// <summary>Asks every 50 ms until the answer is yes; an exception counts as no.</summary>
    /// <exception cref="TimeoutException">It is not within <paramref name="patience"/>.</exception>
    public static async Task WaitAsync(Func<CancellationToken, Task<bool>> answers, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(patience);
        try
        {
            while (!await AnswersAsync(answers, timeout.Token))
                await Task.Delay(ProbeInterval, timeout.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"Not ready within {patience.TotalSeconds} s.");
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
