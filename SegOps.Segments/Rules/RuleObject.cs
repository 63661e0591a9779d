using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace SegOps.Segments.Rules;

/// <summary>One JSON object of a rule. Its methods report what is wrong with its members.</summary>
internal sealed class RuleObject
{
    /// <summary>Longest part of a client's text in a path or message, in characters.</summary>
    private const int MaxQuoted = 60;

    private readonly Dictionary<string, JsonElement> _members = new(StringComparer.Ordinal);

    private RuleObject(string path, FaultList faults)
    {
        Path = path;
        Faults = faults;
    }

    internal string Path { get; }

    internal FaultList Faults { get; }

    /// <summary>Reads an object.</summary>
    /// <param name="element">Any JSON.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="faults">Takes its faults.</param>
    /// <param name="expected">What the object is, for the message if it is none.</param>
    internal static RuleObject? Read(JsonElement element, string path, FaultList faults, string expected)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            faults.Add(RuleFaultCodes.InvalidValue, path, $"{NameOf(path)} is {Describe(element)}. Valid: {expected}.");
            return null;
        }

        var read = new RuleObject(path, faults);
        foreach (var member in element.EnumerateObject())
        {
            if (!TryName(member, out var name))
                faults.Add(RuleFaultCodes.UnknownMember, path, $"A member's name in {NameOf(path)} has half a surrogate pair.");
            else if (!read._members.TryAdd(name, member.Value))
                faults.Add(RuleFaultCodes.DuplicateMember, read.PathOf(name), $"{Quote(name)} occurs more than once. It may occur once.");
        }

        return read;
    }

    internal string PathOf(string member) => $"{Path}.{Shorten(member)}";

    internal bool Has(string member) => _members.ContainsKey(member);

    internal bool TryGet(string member, out JsonElement value) => _members.TryGetValue(member, out value);

    /// <summary>Gets a member, or reports that it is missing.</summary>
    internal bool TryRequire(string member, string expected, out JsonElement value)
    {
        if (_members.TryGetValue(member, out value))
            return true;
        Faults.Add(RuleFaultCodes.MissingMember, PathOf(member), $"{member} is missing. Valid: {expected}.");
        return false;
    }

    /// <summary>Reports each member that is not in <paramref name="known"/>.</summary>
    internal void AllowOnly(params ReadOnlySpan<string> known)
    {
        foreach (var name in _members.Keys)
        {
            if (!known.Contains(name))
            {
                Faults.Add(RuleFaultCodes.UnknownMember, PathOf(name),
                    $"{Quote(name)} is not known here. Valid: {string.Join(", ", known.ToArray())}.");
            }
        }
    }

    /// <summary>Reads true or false.</summary>
    internal bool Flag(string member, bool otherwise)
    {
        if (!TryGet(member, out var value))
            return otherwise;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.ValueKind == JsonValueKind.True;
        Faults.Add(RuleFaultCodes.InvalidValue, PathOf(member), $"{member} is {Describe(value)}. Valid: true, false, or leave it out.");
        return otherwise;
    }

    /// <summary>Reads a text, or reports that it is missing or not a text.</summary>
    internal bool TryText(string member, string expected, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (!TryRequire(member, expected, out var value))
            return false;
        if (TryText(value, out text))
            return true;
        Faults.Add(RuleFaultCodes.InvalidValue, PathOf(member), $"{member} is {Describe(value)}. Valid: {expected}.");
        return false;
    }

    /// <summary>The text of a JSON string. Half a surrogate pair has none.</summary>
    internal static bool TryText(JsonElement value, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (value.ValueKind != JsonValueKind.String)
            return false;
        try
        {
            text = value.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>A client's value in a message, shortened.</summary>
    internal static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => TryText(value, out var text) ? $"the text {Quote(text)}" : "a text with half a surrogate pair",
        JsonValueKind.Number => $"the number {Shorten(value.GetRawText())}",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Null => "null",
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "an object",
        _ => "missing",
    };

    /// <summary>A client's text in a message, shortened and quoted.</summary>
    internal static string Quote(string text) => $"\"{Shorten(text)}\"";

    /// <summary>The last name of a path.</summary>
    internal static string NameOf(string path) => path[(path.LastIndexOf('.') + 1)..];

    private static string Shorten(string text)
    {
        if (text.Length <= MaxQuoted)
            return text;
        // A pair is not cut in two.
        var end = char.IsHighSurrogate(text[MaxQuoted - 1]) ? MaxQuoted - 1 : MaxQuoted;
        return string.Concat(text.AsSpan(0, end), "…");
    }

    private static bool TryName(JsonProperty member, [NotNullWhen(true)] out string? name)
    {
        try
        {
            name = member.Name;
            return true;
        }
        catch (InvalidOperationException)
        {
            name = null;
            return false;
        }
    }
}
