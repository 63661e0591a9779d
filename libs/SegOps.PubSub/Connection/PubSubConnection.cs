using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace SegOps.PubSub.Connection;

/// <summary>
/// Reads <see cref="PubSubConnection"/> from <c>ConnectionStrings:pubsub</c> (<c>Endpoint=http://127.0.0.1:8085;ProjectId=segops</c>, or
/// <c>ProjectId=...</c> alone for the real service) or, without one, from <c>PUBSUB_EMULATOR_HOST</c> and <c>PUBSUB_PROJECT_ID</c>
/// (default <c>segops</c>), the variables that Google's tools use.
/// </summary>
internal sealed partial class PubSubConnectionSettings
{
    private const string Key = "ConnectionStrings:pubsub";
    private const string EmulatorHost = "PUBSUB_EMULATOR_HOST";
    private static readonly Uri RealService = new("https://pubsub.googleapis.com");
    private readonly List<string> _faults = [];

    public PubSubConnectionSettings(IConfiguration configuration)
    {
        var connectionString = configuration[Key];
        var emulatorHost = configuration[EmulatorHost];
        if (!string.IsNullOrWhiteSpace(connectionString))
            Connection = FromConnectionString(connectionString);
        else if (!string.IsNullOrWhiteSpace(emulatorHost))
            Connection = new(EndpointOf("http://" + emulatorHost, EmulatorHost), ProjectOf(configuration["PUBSUB_PROJECT_ID"] ?? "segops", "PUBSUB_PROJECT_ID"));
        else
            _faults.Add($"{Key} is required: 'Endpoint=http://127.0.0.1:8085;ProjectId=segops' for the emulator, 'ProjectId=...' for the real service.");
    }

    /// <summary>The connection; null if there are <see cref="Faults"/>.</summary>
    public PubSubConnection? Connection { get; }

    /// <summary>The errors of the settings; empty if they are valid.</summary>
    public IReadOnlyList<string> Faults => _faults;

    private PubSubConnection FromConnectionString(string text)
    {
        var endpoint = RealService;
        string? project = null;
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var (name, value) = part.Split('=', 2, StringSplitOptions.TrimEntries) is [var left, var right] ? (left, right) : (part, "");
            if (name.Equals("Endpoint", StringComparison.OrdinalIgnoreCase))
                endpoint = EndpointOf(value, $"{Key}: Endpoint");
            else if (name.Equals("ProjectId", StringComparison.OrdinalIgnoreCase))
                project = value;
            else
                _faults.Add($"{Key} takes Endpoint and ProjectId, not '{name}'.");
        }

        return new(endpoint, ProjectOf(project ?? "", $"{Key}: ProjectId"));
    }

    private Uri EndpointOf(string text, string key)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.PathAndQuery == "/" && uri.Host.Length > 0)
            return uri;
        _faults.Add($"{key} must be the http:// (emulator) or https:// (real service) address of a host, without a path.");
        return RealService;
    }

    private string ProjectOf(string text, string key)
    {
        if (!ProjectId().IsMatch(text))
            _faults.Add($"{key} must be a Google Cloud project id: lower-case letters, digits, '-', and '.' and ':' of a domain.");
        return text;
    }

    [GeneratedRegex(@"^[a-z][a-z0-9.:-]*[a-z0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex ProjectId();
}

/// <summary>The address of Pub/Sub, and the Google Cloud project of the topics and subscriptions.</summary>
/// <param name="Endpoint">http for the emulator, https for the real service.</param>
/// <param name="ProjectId">The Google Cloud project.</param>
internal sealed record PubSubConnection(Uri Endpoint, string ProjectId)
{
    /// <summary>Whether this is the emulator, which uses HTTP/2 without TLS and credentials.</summary>
    public bool IsEmulator => Endpoint.Scheme == Uri.UriSchemeHttp;

    /// <summary>The full name of a topic.</summary>
    public string Topic(string topic) => $"projects/{ProjectId}/topics/{topic}";

    /// <summary>The full name of a subscription.</summary>
    public string Subscription(string subscription) => $"projects/{ProjectId}/subscriptions/{subscription}";
}
