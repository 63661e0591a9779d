namespace SegOps.Contracts;

/// <summary>Names of what Redis holds. The gateway reads it; whoever manages keys and projects writes it.</summary>
public static class RedisKeys
{
    /// <summary>Hash of one API key, by the lower-case hex SHA-256 of the whole key; fields in <see cref="ApiKeyFields"/>.</summary>
    public static string ApiKey(string sha256Hex) => "segops:key:" + sha256Hex;

    /// <summary>Hash of one project; fields in <see cref="ProjectFields"/>.</summary>
    public static string Project(string projectId) => "segops:project:" + projectId;
}

/// <summary>Fields of the hash at <see cref="RedisKeys.ApiKey"/>.</summary>
public static class ApiKeyFields
{
    /// <summary>The project that the key belongs to.</summary>
    public const string Project = "project";

    /// <summary>Unix time in milliseconds from which the key is refused; absent while it is valid.</summary>
    public const string RevokedAt = "revoked_at";
}

/// <summary>Fields of the hash at <see cref="RedisKeys.Project"/>.</summary>
public static class ProjectFields
{
    /// <summary>The plan's name in lower case: free, starter, business or enterprise.</summary>
    public const string Plan = "plan";

    /// <summary>The project's name, for people.</summary>
    public const string Name = "name";
}
