using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using SegOps.PubSub.Connection;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.PubSub.Configuration;

/// <summary>Configuration section <c>PubSub</c>. The connection string contains the address: see <see cref="PubSubConnection"/>.</summary>
public sealed class PubSubOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "PubSub";

    /// <summary>Whether missing topics and subscriptions are created. Default null: only on the emulator.</summary>
    public bool? CreateTopology { get; set; }

    /// <summary>Deadline of a call that creates or reads a topic or subscription. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00", ErrorMessage = "PubSub:AdminDeadline must be between 100 ms and 10 min.")]
    public TimeSpan AdminDeadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Deadline of a health probe; without an answer the event stream is unhealthy. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00", ErrorMessage = "PubSub:ProbeDeadline must be between 100 ms and 1 min.")]
    public TimeSpan ProbeDeadline { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Duration of a health probe above which the event stream is degraded. Default 500 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00", ErrorMessage = "PubSub:ProbeSlow must be between 1 ms and 1 min.")]
    public TimeSpan ProbeSlow { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Settings of every publisher of the service.</summary>
    public PublisherOptions Publisher { get; set; } = new();

    /// <summary>Settings of every subscriber of the service.</summary>
    public SubscriberOptions Subscriber { get; set; } = new();
}

/// <summary>Validates the limits, the relations between options, and the connection together, so that one message reports all errors.</summary>
internal sealed class PubSubOptionsValidator(PubSubConnectionSettings settings, CredentialSource credentials) : IValidateOptions<PubSubOptions>
{
    public ValidateOptionsResult Validate(string? name, PubSubOptions options)
    {
        List<string> faults = [.. settings.Faults, .. ValidatedOptions.AnnotationFaults(options, options.Publisher, options.Subscriber)];
        if (options.Subscriber.ExtendBefore >= options.Subscriber.AckDeadline)
            faults.Add("PubSub:Subscriber:ExtendBefore must be shorter than PubSub:Subscriber:AckDeadline.");
        if (settings.Connection is { IsEmulator: false } && settings.Faults.Count == 0 && !HasCredentials())
            faults.Add("The real Pub/Sub service needs application-default credentials: set GOOGLE_APPLICATION_CREDENTIALS to a key file, run "
                + "'gcloud auth application-default login', or run on Google Cloud.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private bool HasCredentials()
    {
        try
        {
            credentials();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
