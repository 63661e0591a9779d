using Grpc.Core;
using Polly;
using Polly.Retry;

namespace SegOps.PubSub.Connection;

/// <summary>Exponential backoff. Half of each wait is random, so that clients do not retry at the same moment.</summary>
/// <param name="Initial">The first wait.</param>
/// <param name="Factor">The factor of each further wait.</param>
/// <param name="Max">The maximum wait.</param>
internal readonly record struct Backoff(TimeSpan Initial, double Factor, TimeSpan Max)
{
    /// <summary>The wait after <paramref name="failures"/> earlier consecutive failures.</summary>
    public TimeSpan Delay(int failures)
    {
        var seconds = Math.Min(Max.TotalSeconds, Initial.TotalSeconds * Math.Pow(Factor, failures));
        return TimeSpan.FromSeconds(seconds * (0.5 + Random.Shared.NextDouble() / 2));
    }
}

/// <summary>Retries of calls.</summary>
internal static class Retries
{
    /// <summary>The statuses that Google's client retries.</summary>
    public static bool IsTransient(StatusCode status) => status is StatusCode.Aborted or StatusCode.Cancelled or StatusCode.Internal
        or StatusCode.ResourceExhausted or StatusCode.Unknown or StatusCode.Unavailable or StatusCode.DeadlineExceeded;

    /// <summary>Retries while <paramref name="handles"/> accepts the status. <paramref name="attempts"/> includes the first attempt.</summary>
    public static ResiliencePipeline Pipeline(int attempts, Backoff backoff, TimeProvider timeProvider, Func<StatusCode, bool> handles) =>
        new ResiliencePipelineBuilder { TimeProvider = timeProvider }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = attempts - 1,
                ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is RpcException failure && handles(failure.StatusCode)),
                DelayGenerator = args => ValueTask.FromResult<TimeSpan?>(backoff.Delay(args.AttemptNumber)),
            })
            .Build();
}
