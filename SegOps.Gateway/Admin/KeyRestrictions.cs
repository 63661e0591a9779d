using System.Globalization;
using SegOps.Contracts;
using SegOps.Gateway.Keys;

namespace SegOps.Gateway.Admin;

/// <summary>The restrictions of a publishable key, as its record stores them; null where there is none.</summary>
internal sealed record KeyRestrictions(string? AllowedOrigins, string? CallsPerMinutePerAddress)
{
    private const string Origin =
        "an origin such as https://app.example.com, http://localhost:3000 or https://*.example.com, without a path. Leave out the field to allow every origin";

    /// <summary>The names of the restrictions, in bodies and records.</summary>
    internal static IReadOnlyList<string> Names { get; } = [ApiKeyFields.AllowedOrigins, ApiKeyFields.CallsPerMinutePerAddress];

    /// <summary>The restrictions in a key's record.</summary>
    internal static KeyRestrictions Of(Dictionary<string, string> record) =>
        new(record.Text(ApiKeyFields.AllowedOrigins), record.Text(ApiKeyFields.CallsPerMinutePerAddress));

    /// <summary>Reads a body. A restriction of a secret key is a fault of it.</summary>
    internal static KeyRestrictions Read(AdminBody body, ApiKeyKind kind)
    {
        foreach (var name in Names)
            body.Require(kind == ApiKeyKind.Publishable || !body.Has(name), $"{name} is for publishable keys only.");

        var origins = body.TakeTexts(ApiKeyFields.AllowedOrigins, AllowedOrigin.Most, AllowedOrigin.Normalize, Origin);
        var calls = body.TakeNumber(ApiKeyFields.CallsPerMinutePerAddress, 1, PublishableGrant.MostCallsPerMinutePerAddress);
        return new(origins is null ? null : string.Join(' ', origins), calls?.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The restriction <paramref name="name"/>, one of <see cref="Names"/>.</summary>
    internal string? Of(string name) => name == ApiKeyFields.AllowedOrigins ? AllowedOrigins : CallsPerMinutePerAddress;
}
