using System.Text.Json;
using SegOps.Segments.Membership;

namespace SegOps.Segments.Api;

/// <summary>Reads traits of members.</summary>
internal sealed class MemberProperties(Statements statements)
{
    /// <summary>The traits of a user who has none of them.</summary>
    internal static readonly IReadOnlyDictionary<string, JsonElement> None = new Dictionary<string, JsonElement>();

    /// <summary>The set traits of <paramref name="members"/>, by user and name, in the order of names; null if no names are given.</summary>
    internal async Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, JsonElement>>?> ReadAsync(
        Place place, IReadOnlyCollection<string> names, IReadOnlyList<Member> members, CancellationToken cancellationToken)
    {
        if (names.Count == 0)
            return null;
        if (members.Count == 0)
            return new Dictionary<string, IReadOnlyDictionary<string, JsonElement>>();
        var rows = await statements.ReadAsync(
            $"""
            SELECT user_id, trait, value
            FROM latest_traits
            WHERE {Statements.Of(place)} AND trait IN {Statements.Texts(names)} AND user_id IN {Statements.Texts(members.Select(static member => member.UserId))}
            ORDER BY user_id, trait
            """,
            static row => (UserId: row.GetString(0), Name: row.GetString(1), Value: row.GetString(2)), cancellationToken);
        return rows.GroupBy(static row => row.UserId).ToDictionary(
            static user => user.Key, static user => (IReadOnlyDictionary<string, JsonElement>)user.ToDictionary(static row => row.Name, static row => JsonElement.Parse(row.Value)));
    }
}
