using System.Text;

namespace SegOps.Segments.Rules;

/// <summary>Reads paths of properties. A dot separates names; <c>\.</c> is a dot and <c>\\</c> a backslash within a name.</summary>
internal static class RulePath
{
    private const string Expected = "names with dots between them, such as plan or address.city; a dot within a name is written \\. and a backslash \\\\";

    /// <summary>Reads the path that is the text of <paramref name="member"/>.</summary>
    /// <returns>The names; null if it has a fault.</returns>
    internal static IReadOnlyList<string>? Read(RuleObject owner, string member) =>
        owner.TryText(member, Expected, out var text) ? Parse(text, owner.PathOf(member), owner.Faults) : null;

    /// <summary>The path that is one name.</summary>
    internal static string Of(string name) => name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(".", "\\.", StringComparison.Ordinal);

    private static List<string>? Parse(string text, string path, FaultList faults)
    {
        var names = new List<string>();
        var name = new StringBuilder();
        for (var at = 0; at <= text.Length; at++)
        {
            if (at < text.Length && text[at] == '\\')
            {
                at++;
                if (at == text.Length || text[at] is not ('.' or '\\'))
                    return Refuse($"has a single backslash. Valid: {Expected}");
                name.Append(text[at]);
            }
            else if (at < text.Length && text[at] != '.')
            {
                name.Append(text[at]);
            }
            else if (name.Length == 0)
            {
                return Refuse($"has an empty name. Valid: {Expected}");
            }
            else
            {
                names.Add(name.ToString());
                name.Clear();
            }
        }

        return names.Count <= RuleLimits.MaxPathNames ? names : Refuse($"has {names.Count} names. Valid: at most {RuleLimits.MaxPathNames}");

        List<string>? Refuse(string why)
        {
            faults.Add(RuleFaultCodes.InvalidPath, path, $"{RuleObject.Quote(text)} {why}.");
            return null;
        }
    }
}
