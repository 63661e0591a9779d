using SegOps.ServiceDefaults.Redis;
using StackExchange.Redis;

namespace SegOps.Ingestion.Quota;

/// <summary>
/// One run of the reserve script, which its request may give up waiting for: it is either never sent after that, or its outcome is looked
/// at when it comes, so that no event counts twice.
/// </summary>
internal sealed class ReserveAttempt(string script, RedisKey usage, int count, long? limit)
{
    private readonly TaskCompletionSource<RedisResult> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _decided;

    /// <summary>Sends the script, unless the request has given up by now.</summary>
    public async Task<RedisResult> SendAsync(IDatabase database)
    {
        if (!Decide())
            throw new RedisUnavailableException("The request did not wait for the connection.");
        try
        {
            var result = await database.ScriptEvaluateAsync(script, [usage], [count, limit is { } figure ? figure : RedisValue.EmptyString]);
            _outcome.SetResult(result);
            return result;
        }
        catch (Exception exception)
        {
            _outcome.SetException(exception);
            throw;
        }
    }

    /// <summary>Gives up waiting.</summary>
    /// <returns>Whether Redis has reserved, or by all appearances will; completes when that is known.</returns>
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
    /// Whether a command that failed is carried out all the same: a server that hangs with an open connection does so when it goes on. What
    /// was lost with its connection is taken as not carried out. Either can be wrong; reconciliation sets it right.
    /// </summary>
    public static bool MayLand(Exception? failure) => failure is RedisTimeoutException { Commandstatus: CommandStatus.Sent };

    private bool Decide() => Interlocked.Exchange(ref _decided, 1) == 0;
}
