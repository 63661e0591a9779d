namespace SegOps.Contracts;

/// <summary>What is written of a project and of an API key, the same whoever writes it: fields and values of their hashes.</summary>
public static class KeyRecords
{
    private const int PrefixLength = 12;

    /// <summary>A project, in the fields of <see cref="ProjectFields"/> that every project has.</summary>
    public static KeyValuePair<string, string>[] Project(string plan, string name, DateTimeOffset createdAt) =>
    [
        new(ProjectFields.Plan, plan),
        new(ProjectFields.Name, name),
        new(ProjectFields.CreatedAt, Milliseconds(createdAt)),
    ];

    /// <summary>An API key, in the fields of <see cref="ApiKeyFields"/>; nothing of it can be used as the key.</summary>
    /// <param name="text">The key's whole text, of which only the beginning is kept.</param>
    /// <param name="id">Names the key where its text must not be shown.</param>
    /// <param name="projectId">The project that it belongs to.</param>
    /// <param name="name">What people call it, if anything.</param>
    /// <param name="createdAt">When it was made.</param>
    /// <exception cref="ArgumentException"><paramref name="text"/> is no key.</exception>
    public static KeyValuePair<string, string>[] Key(string text, string id, string projectId, string? name, DateTimeOffset createdAt)
    {
        if (!ApiKey.TryParse(text, out var key))
            throw new ArgumentException("That is not an API key.", nameof(text));

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
