using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace SegOps.AppHost.Publishing;

/// <summary>A docker compose file: https://github.com/compose-spec/compose-spec.</summary>
internal sealed partial class ComposeFile
{
    /// <summary>The containers, by name.</summary>
    public SortedDictionary<string, ComposeService> Services { get; } = new(StringComparer.Ordinal);

    /// <summary>The volumes, by name; none has settings.</summary>
    public SortedDictionary<string, Dictionary<string, string>> Volumes { get; } = new(StringComparer.Ordinal);

    /// <summary>What the operator fills in.</summary>
    [YamlIgnore]
    public SortedDictionary<string, ComposeVariable> Variables { get; } = new(StringComparer.Ordinal)
    {
        ["COMPOSE_PROJECT_NAME"] = new("The project's name, from which containers, networks and volumes get theirs.", "segops"),
    };

    /// <summary>The file's text.</summary>
    public string ToYaml() =>
        "# Written by the app host (aspire publish): change the app host rather than this file. Secrets come from .env.\n" +
        new SerializerBuilder()
            .WithNamingConvention(UnderscoredNamingConvention.Instance)
            .WithQuotingNecessaryStrings()
            .ConfigureDefaultValuesHandling(DefaultValuesHandling.OmitNull | DefaultValuesHandling.OmitEmptyCollections)
            .WithIndentedSequences()
            .DisableAliases()
            .Build()
            .Serialize(this)
            .ReplaceLineEndings("\n");

    /// <summary>A template of the .env file: defaults are filled in, secrets are not.</summary>
    public string ToEnvironmentTemplate()
    {
        var text = new StringBuilder("# Copy this file to .env beside compose.yaml and fill in what is empty. Secrets: letters and digits, such as of `openssl rand -hex 32`.\n");
        foreach (var (name, variable) in Variables)
            text.Append(CultureInfo.InvariantCulture, $"\n# {variable.Description}\n{name}={variable.Default}\n");
        return text.ToString();
    }

    /// <summary>What is wrong with the file: names that lead nowhere, images that may change, ports that nobody should reach.</summary>
    public IEnumerable<string> Faults(IReadOnlySet<string> mayBeExposed)
    {
        foreach (var (name, service) in Services)
        {
            var image = Variable().Replace(service.Image, match => Variables.GetValueOrDefault(match.Groups[1].Value)?.Default ?? "");
            if (!PinnedImage().IsMatch(image))
                yield return $"{name}: the image {image} is not pinned to a version.";
            if (service.Ports.Count > 0 && !mayBeExposed.Contains(name))
                yield return $"{name} would be reachable from outside.";
            foreach (var dependency in service.DependsOn.Where(dependency => !Services.ContainsKey(dependency.Key)))
                yield return $"{name} waits for {dependency.Key}, which is not published.";
            foreach (var dependency in service.DependsOn.Where(dependency => dependency.Value.Condition == ComposeDependency.Healthy && Services.GetValueOrDefault(dependency.Key) is { Healthcheck: null }))
                yield return $"{name} waits for the health of {dependency.Key}, which has no health check.";
            foreach (var volume in service.Volumes.Where(volume => !Volumes.ContainsKey(volume.Split(':')[0])))
                yield return $"{name} mounts {volume}, which is not declared.";
        }
        foreach (var used in Variable().Matches(ToYaml()).Select(match => match.Groups[1].Value).Distinct().Where(used => !Variables.ContainsKey(used)))
            yield return $"The variable {used} is not in the template.";
    }

    [GeneratedRegex(@"(?<!\$)\$\{([A-Z0-9_]+)[^}]*\}")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^[^\s:]+(:\d+)?(/[^\s:]+)*:\d+\.\d+[\w.-]*$")]
    private static partial Regex PinnedImage();
}

/// <summary>A variable of the .env file.</summary>
/// <param name="Description">A sentence.</param>
/// <param name="Default">Empty for what the operator has to fill in.</param>
internal sealed record ComposeVariable(string Description, string Default = "");

/// <summary>One container.</summary>
internal sealed class ComposeService
{
    public required string Image { get; init; }

    public List<string> Entrypoint { get; } = [];

    public List<string> Command { get; } = [];

    public SortedDictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    public List<string> Ports { get; } = [];

    public List<string> Volumes { get; } = [];

    public SortedDictionary<string, ComposeDependency> DependsOn { get; } = new(StringComparer.Ordinal);

    public ComposeHealthCheck? Healthcheck { get; set; }

    public string Restart { get; } = "unless-stopped";

    /// <summary>Longer than a service takes at most to finish what it holds.</summary>
    public string StopGracePeriod { get; } = "30s";
}

/// <summary>What has to be true of another container first.</summary>
/// <param name="Condition">The specification's word for it.</param>
internal sealed record ComposeDependency(string Condition)
{
    public const string Healthy = "service_healthy";
    public const string Started = "service_started";
}

/// <summary>How often to ask a container, and for how long.</summary>
internal sealed record ComposeHealthCheck(IReadOnlyList<string> Test)
{
    public string Interval { get; } = "5s";

    public string Timeout { get; } = "3s";

    public int Retries { get; } = 12;

    public string StartPeriod { get; } = "20s";
}
