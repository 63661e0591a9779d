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
    /// <exception cref="ArgumentException"><paramref name="text"/> is not a valid key.</exception>
    public static KeyValuePair<string, string>[] Key(string text, string id, string projectId, string? name, DateTimeOffset createdAt)
    {
        if (!ApiKey.TryParse(text, out var key))
            throw new ArgumentException("The text is not a valid API key.", nameof(text));

        KeyValuePair<string, string>[] fields =
        [
            new(ApiKeyFields.Project, projectId),
            new(ApiKeyFields.Id, id),
            new(ApiKeyFields.Prefix, text[..PrefixLength]),
            new(ApiKeyFields.Environment, key.Environment),
            new(ApiKeyFields.CreatedAt, Milliseconds(createdAt)),
        ];
        return name is null ? fields : [.. fields, new(ApiKeyFields.Name, name)];
    }

    private static string Milliseconds(DateTimeOffset time) =>
        time.ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
}
