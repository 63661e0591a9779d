namespace SegOps.Contracts;

/// <summary>The Redis hashes of a project and of an API key, as the gateway and the app host write them.</summary>
public static class KeyRecords
{
    private const int PrefixLength = 12;

    /// <summary>The required <see cref="ProjectFields"/> of a project.</summary>
    public static KeyValuePair<string, string>[] Project(string plan, string name, DateTimeOffset createdAt) =>
    [
        new(ProjectFields.Plan, plan),
        new(ProjectFields.Name, name),
        new(ProjectFields.CreatedAt, Milliseconds(createdAt)),
    ];

    /// <summary>The <see cref="ApiKeyFields"/> of an API key. The key cannot be restored from them.</summary>
    /// <param name="text">The key's text. Only its prefix is stored.</param>
    /// <param name="id">The key's id, which is not secret.</param>
    /// <param name="projectId">The key's project.</param>
    /// <param name="name">The display name, if any.</param>
    /// <param name="createdAt">The time of creation.</param>
    /// <param name="allowedOrigins">See <see cref="ApiKeyFields.AllowedOrigins"/>.</param>
    /// <param name="callsPerMinutePerAddress">See <see cref="ApiKeyFields.CallsPerMinutePerAddress"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="text"/> is not a valid key.</exception>
    public static KeyValuePair<string, string>[] Key(
        string text, string id, string projectId, string? name, DateTimeOffset createdAt,
        string? allowedOrigins = null, string? callsPerMinutePerAddress = null)
    {
        if (!ApiKey.TryParse(text, out var key))
            throw new ArgumentException("The text is not a valid API key.", nameof(text));

        List<KeyValuePair<string, string>> fields =
        [
            new(ApiKeyFields.Project, projectId),
            new(ApiKeyFields.Id, id),
            new(ApiKeyFields.Prefix, text[..PrefixLength]),
            new(ApiKeyFields.Environment, key.Environment),
            new(ApiKeyFields.CreatedAt, Milliseconds(createdAt)),
        ];
        if (key.Kind == ApiKeyKind.Publishable)
            fields.Add(new(ApiKeyFields.Kind, ApiKeyFields.Publishable));
        Add(ApiKeyFields.Name, name);
        Add(ApiKeyFields.AllowedOrigins, allowedOrigins);
        Add(ApiKeyFields.CallsPerMinutePerAddress, callsPerMinutePerAddress);
        return [.. fields];

        void Add(string field, string? value)
        {
            if (value is not null)
                fields.Add(new(field, value));
        }
    }

    private static string Milliseconds(DateTimeOffset time) =>
        time.ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
}
