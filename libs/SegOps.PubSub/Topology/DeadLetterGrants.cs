using Grpc.Core;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using SegOps.PubSub.Configuration;
using SegOps.PubSub.Connection;

namespace SegOps.PubSub.Topology;

/// <summary>
/// Whether Pub/Sub itself may dead-letter messages: its service account needs a role on each dead-letter topic and one on the subscription that it
/// serves. Without them it delivers a message that kills its reader again and again, and reports nothing. Always healthy, with a remark where a role
/// is not found: it can be granted on the whole project, and this service may not be allowed to read policies. The emulator has no roles.
/// </summary>
internal sealed class DeadLetterGrants(PubSubClient client, IOptions<PubSubOptions> options, TimeProvider clock) : IHealthCheck
{
    /// <summary>Name of the health check.</summary>
    public const string Name = "dead_letter_grants";

    /// <summary>The domain of Pub/Sub's own service accounts, service-PROJECT_NUMBER@...</summary>
    private const string ServiceAccounts = "@gcp-sa-pubsub.iam.gserviceaccount.com";

    /// <summary>Grants change rarely, and health is asked for every few seconds.</summary>
    private static readonly TimeSpan Cached = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private Task<string?>? _last;
    private long _startedAt;

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (client.Connection.IsEmulator)
            return HealthCheckResult.Healthy();
        Task<string?> last;
        lock (_lock)
        {
            if (_last is null || (_last.IsCompleted && clock.GetElapsedTime(_startedAt) >= Cached))
                (_startedAt, _last) = (clock.GetTimestamp(), RemarksAsync());
            last = _last;
        }
        return HealthCheckResult.Healthy(await last.WaitAsync(cancellationToken));
    }

    private async Task<string?> RemarksAsync()
    {
        var grants =
            from stream in StreamTopology.Of(client.Connection, options.Value.Subscriber.AckDeadline)
            let subscription = stream.Subscription
            where subscription.DeadLetterPolicy is not null
            from grant in new[] { (subscription.DeadLetterPolicy.DeadLetterTopic, "roles/pubsub.publisher"), (subscription.Name, "roles/pubsub.subscriber") }
            select grant;
        var remarks = await Task.WhenAll(grants.Distinct().Select(grant => RemarkAsync(grant.Item1, grant.Item2)));
        var found = string.Join(' ', remarks.Where(static remark => remark is not null));
        return found.Length > 0 ? found : null;
    }

    private async Task<string?> RemarkAsync(string resource, string role)
    {
        try
        {
            var policy = await client.Policies.GetIamPolicyAsync(new() { Resource = resource }, client.PolicyCall(resource, options.Value.ProbeDeadline));
            return policy.Bindings.Where(binding => binding.Role == role).SelectMany(binding => binding.Members).Any(member => member.EndsWith(ServiceAccounts, StringComparison.Ordinal))
                ? null
                : $"Pub/Sub's service account has no {role} on {resource}. Unless it is granted on the project, Pub/Sub cannot dead-letter messages.";
        }
        catch (RpcException failure)
        {
            return $"Whether Pub/Sub's service account has {role} on {resource} is unknown ({failure.StatusCode}).";
        }
    }
}
