using SegOps.ServiceDefaults.Redis;
using StackExchange.Redis;

namespace SegOps.Ingestion.Quota;

/// <summary>
/// An execution of the reserve script. The request can stop waiting. Then the script is either never sent, or its result is used
/// when it arrives, so that no event counts twice.
/// </summary>
internal sealed class ReserveAttempt(string script, Usage usage, int count, long? limit)
{
    private readonly TaskCompletionSource<RedisResult> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _decided;

    /// <summary>Sends the script, unless the request has stopped waiting.</summary>
    public async Task<RedisResult> SendAsync(IDatabase database)
    {
        if (!Decide())
            throw new RedisUnavailableException("The request did not wait for the connection.");
        try
        {
            var result = await database.ScriptEvaluateAsync(
                script, [usage.Key], [count, limit is { } figure ? figure : RedisValue.EmptyString, usage.IsDaily ? "day" : "month", Usage.DaysAreKept]);
            _outcome.SetResult(result);
            return result;
        }
        catch (Exception exception)
        {
            _outcome.SetException(exception);
            throw;
        }
    }

    /// <summary>Stops waiting.</summary>
    /// <returns>Whether Redis has reserved the events, or probably will.</returns>
    public async Task<bool> GiveUpAsync()
    {
        if (Decide())
            return false;
        try
        {
            return (int)(await _outcome.Task)[0] == 1;
        }
        catch (Exception exception)
        {
            return MayLand(exception);
        }
    }

    /// <summary>
    /// Whether Redis may still execute a failed command. A server that hangs with an open connection executes it when it resumes. A
    /// command lost with its connection counts as not executed. Both guesses can be wrong; reconciliation corrects the figure.
    /// </summary>
    public static bool MayLand(Exception? failure) => failure is RedisTimeoutException { Commandstatus: CommandStatus.Sent };

    private bool Decide() => Interlocked.Exchange(ref _decided, 1) == 0;
}
