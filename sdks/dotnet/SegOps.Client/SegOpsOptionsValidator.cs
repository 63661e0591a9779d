using Microsoft.Extensions.Options;

namespace SegOps.Client;

/// <summary>Says what is wrong with options, each by its name and never with the key's text.</summary>
internal sealed class SegOpsOptionsValidator : IValidateOptions<SegOpsOptions>
{
    private const int HardBatchBytes = 10_485_760;

    /// <summary>The longest time that timers of the runtime take.</summary>
    private static readonly TimeSpan LongestTime = TimeSpan.FromMilliseconds(int.MaxValue);

    public ValidateOptionsResult Validate(string? name, SegOpsOptions options)
    {
        if (!options.Enabled)
        {
            return ValidateOptionsResult.Success;
        }

        var faults = Faults(options).ToArray();
        return faults.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> Faults(SegOpsOptions o)
    {
        if (string.IsNullOrWhiteSpace(o.ApiKey))
        {
            yield return "SegOpsOptions.ApiKey is required.";
        }
        else if (o.ApiKey.Any(c => c is <= ' ' or > '~'))
        {
            yield return "SegOpsOptions.ApiKey has characters that no key has.";
        }

        if (o.ApiUrl is null || !o.ApiUrl.IsAbsoluteUri || (o.ApiUrl.Scheme != "https" && o.ApiUrl.Scheme != "http"))
        {
            yield return "SegOpsOptions.ApiUrl must be an absolute http or https URL.";
        }
        else if (o.ApiUrl.Scheme == "http" && !o.ApiUrl.IsLoopback && !o.AllowInsecure)
        {
            yield return "SegOpsOptions.ApiUrl must be https: http shows the key to everybody on the way. "
                + "Set SegOpsOptions.AllowInsecure if that is meant.";
        }

        if (o.MaxBatchBytes is < 1 or > HardBatchBytes)
        {
            yield return $"SegOpsOptions.MaxBatchBytes must be between 1 and {HardBatchBytes}.";
        }

        foreach (var (option, value) in new (string, long)[]
        {
            (nameof(o.FlushAt), o.FlushAt),
            (nameof(o.MaxQueueEvents), o.MaxQueueEvents),
            (nameof(o.MaxQueueBytes), o.MaxQueueBytes),
        })
        {
            if (value < 1)
            {
                yield return $"SegOpsOptions.{option} must be at least 1.";
            }
        }

        foreach (var (option, value) in new (string, TimeSpan)[]
        {
            (nameof(o.FlushInterval), o.FlushInterval),
            (nameof(o.RequestTimeout), o.RequestTimeout),
            (nameof(o.BackoffBase), o.BackoffBase),
            (nameof(o.BackoffMax), o.BackoffMax),
            (nameof(o.MaxEventAge), o.MaxEventAge),
            (nameof(o.ShutdownTimeout), o.ShutdownTimeout),
        })
        {
            if (value <= TimeSpan.Zero || value > LongestTime)
            {
                yield return $"SegOpsOptions.{option} must be above zero and at most {LongestTime.TotalDays:0} days.";
            }
        }
    }
}
