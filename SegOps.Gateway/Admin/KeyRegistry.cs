using SegOps.Contracts;
using SegOps.ServiceDefaults.Redis;
using StackExchange.Redis;

namespace SegOps.Gateway.Admin;

/// <summary>
/// Keys in Redis. A key's record is written before its entry in the project's list, and the answer with its text is last. A crash in
/// between leaves a key whose text is unknown.
/// </summary>
internal sealed class KeyRegistry(DurableRedis connection, TimeProvider clock)
{
    /// <summary>Retention of a revoked key's record. Until then its use returns revoked_api_key.</summary>
    private static readonly TimeSpan KeptRevoked = TimeSpan.FromDays(30);

    /// <summary>Maximum number of keys of a project, including those revoked within <see cref="KeptRevoked"/>.</summary>
    private const int MostKeys = 1_000;

    /// <summary>Sets the time of revocation, never to a later one. Does not recreate a record that was deleted.</summary>
    private const string RevokeScript = """
        if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
        local before = redis.call('HGET', KEYS[1], 'revoked_at')
        if not before or (tonumber(before) or 0) > tonumber(ARGV[1]) then
          redis.call('HSET', KEYS[1], 'revoked_at', ARGV[1])
          redis.call('EXPIREAT', KEYS[1], ARGV[2])
        end
        return 1
        """;

    /// <summary>The kind of a key that is not publishable, as answers show it. Records do not store it.</summary>
    internal const string Secret = "secret";

    /// <summary>The kind that a record or a body names; secret if it names none.</summary>
    internal static ApiKeyKind KindOf(string? name) => name == ApiKeyFields.Publishable ? ApiKeyKind.Publishable : ApiKeyKind.Secret;

    /// <summary>Creates a key. Only the answer contains its text.</summary>
    internal Task<KeyAnswer> CreateAsync(string project, ApiKeyKind kind, string environment, string? name, KeyRestrictions restrictions) =>
        connection.ChangeAsync(async redis =>
        {
            if (!await redis.KeyExistsAsync(RedisKeys.Project(project)))
                throw new AdminFault(ErrorCodes.ProjectNotFound, "There is no project of this id.");
            await MakeRoomAsync(redis, project);
            return await WriteAsync(redis, project, ApiKey.Generate(environment, kind), name, restrictions);
        });

    /// <summary>The project's keys, oldest first.</summary>
    internal Task<KeysAnswer> ListAsync(string project) => connection.ReadAsync(async redis =>
    {
        if (!await redis.KeyExistsAsync(RedisKeys.Project(project)))
            throw new AdminFault(ErrorCodes.ProjectNotFound, "There is no project of this id.");
        var keys = await ReadAllAsync(redis, project);
        return new KeysAnswer([.. keys.OrderBy(static key => key.CreatedAt)]);
    });

    /// <summary>Changes the restrictions of a publishable key that <paramref name="body"/> names, at once. Null removes one.</summary>
    internal Task<KeyAnswer> UpdateAsync(string project, string id, AdminBody body) => connection.ChangeAsync(async redis =>
    {
        RedisKey key = RedisKeys.ApiKey(await HashOfAsync(redis, project, id));
        var before = await ReadValidAsync(redis, key!);
        var named = KeyRestrictions.Names.Where(body.Has).ToArray();
        var restrictions = KeyRestrictions.Read(body, KindOf(before.Text(ApiKeyFields.Kind)));
        body.End();
        if (named.Length == 0)
            return Answer(id, before);

        // A write must not recreate a record that was removed.
        if (!await RedisHash.ChangeAsync(redis, key!, [.. named.Select(name => KeyValuePair.Create(name, restrictions.Of(name)))]))
            throw NoSuchKey();
        return Answer(id, await RedisHash.ReadAsync(redis, key!));
    });

    /// <summary>Replaces the key <paramref name="id"/>, which stays valid for <paramref name="overlap"/>.</summary>
    internal Task<KeyAnswer> RotateAsync(string project, string id, TimeSpan overlap) => connection.ChangeAsync(async redis =>
    {
        var hash = await HashOfAsync(redis, project, id);
        var old = await ReadValidAsync(redis, RedisKeys.ApiKey(hash));
        await MakeRoomAsync(redis, project);
        var text = ApiKey.Generate(old.Text(ApiKeyFields.Environment)!, KindOf(old.Text(ApiKeyFields.Kind)));
        var created = await WriteAsync(redis, project, text, old.Text(ApiKeyFields.Name), KeyRestrictions.Of(old));
        await RevokeAsync(redis, hash, clock.GetUtcNow() + overlap);
        return created;
    });

    /// <summary>Revokes a key at once; idempotent.</summary>
    internal Task<bool> RevokeAsync(string project, string id) => connection.ChangeAsync(async redis =>
        await RevokeAsync(redis, await HashOfAsync(redis, project, id), clock.GetUtcNow()) ? true : throw NoSuchKey());

    /// <summary>Reads the record of a key that is not revoked.</summary>
    private async Task<Dictionary<string, string>> ReadValidAsync(IDatabase redis, string key)
    {
        var fields = await RedisHash.ReadAsync(redis, key);
        return fields.Text(ApiKeyFields.Environment) is null ? throw NoSuchKey()
            : fields.Time(ApiKeyFields.RevokedAt) <= clock.GetUtcNow() ? throw new AdminFault(ErrorCodes.InvalidParameter, "The key is revoked. Create a new key.")
            : fields;
    }

    /// <summary>Reads all keys of a project, and removes expired ones from its list.</summary>
    private async Task<List<KeyAnswer>> ReadAllAsync(IDatabase redis, string project)
    {
        var list = RedisKeys.ProjectKeys(project);
        var index = await redis.HashGetAllAsync(list);
        var keys = await Task.WhenAll(index.Select(async entry =>
            Answer(entry.Name!, await RedisHash.ReadAsync(redis, RedisKeys.ApiKey(entry.Value!)))));
        if (keys.Where(static key => key.Prefix is null).Select(static key => (RedisValue)key.Id).ToArray() is { Length: > 0 } gone)
            await redis.HashDeleteAsync(list, gone);
        return [.. keys.Where(static key => key.Prefix is not null)];
    }

    private async Task MakeRoomAsync(IDatabase redis, string project)
    {
        if (await redis.HashLengthAsync(RedisKeys.ProjectKeys(project)) >= MostKeys && (await ReadAllAsync(redis, project)).Count >= MostKeys)
            throw new AdminFault(ErrorCodes.InvalidParameter, $"A project has at most {MostKeys} keys, those revoked within the last 30 days included.");
    }

    private static async Task<bool> RevokeAsync(IDatabase redis, string hash, DateTimeOffset at)
    {
        var exists = (bool)await redis.ScriptEvaluateAsync(
            RevokeScript, [RedisKeys.ApiKey(hash)], [at.ToUnixTimeMilliseconds(), (at + KeptRevoked).ToUnixTimeSeconds()]);
        await redis.PublishAsync(RedisChannel.Literal(RedisKeys.Revocations), hash, CommandFlags.FireAndForget); // Gateways that miss it ask within a second.
        return exists;
    }

    private static async Task<string> HashOfAsync(IDatabase redis, string project, string id) =>
        await redis.HashGetAsync(RedisKeys.ProjectKeys(project), id) is { IsNull: false } hash ? hash.ToString() : throw NoSuchKey();

    private static AdminFault NoSuchKey() => new(ErrorCodes.KeyNotFound, "The project has no key with this id.");

    private async Task<KeyAnswer> WriteAsync(IDatabase redis, string project, string text, string? name, KeyRestrictions restrictions)
    {
        var id = RedisHash.NewId("key_");
        var fields = KeyRecords.Key(text, id, project, name, clock.GetUtcNow(), restrictions.AllowedOrigins, restrictions.CallsPerMinutePerAddress);
        if (!ApiKey.TryParse(text, out var key))
            throw new InvalidOperationException("A new key does not pass its own checksum.");
        await redis.StringSetAsync(RedisKeys.KeyStoreEpoch, RedisHash.NewId(""), when: When.NotExists);
        await redis.HashSetAsync(RedisKeys.ApiKey(key.Hash), RedisHash.Entries(fields));
        await redis.HashSetAsync(RedisKeys.ProjectKeys(project), id, key.Hash);
        return Answer(id, new(fields)) with { Key = text };
    }

    private KeyAnswer Answer(string id, Dictionary<string, string> fields)
    {
        var revokedAt = fields.Time(ApiKeyFields.RevokedAt);
        var state = revokedAt is null ? "active" : revokedAt > clock.GetUtcNow() ? "expiring" : "revoked";
        return new(
            id, null, fields.Text(ApiKeyFields.Prefix), fields.Text(ApiKeyFields.Kind) ?? Secret, fields.Text(ApiKeyFields.Environment),
            fields.Text(ApiKeyFields.Name), state,
            fields.Text(ApiKeyFields.AllowedOrigins)?.Split(' '), fields.Number(ApiKeyFields.CallsPerMinutePerAddress),
            fields.Time(ApiKeyFields.CreatedAt), fields.Time(ApiKeyFields.LastUsedAt), revokedAt);
    }
}
