using System.Globalization;
using SegOps.Segments.Rules;

namespace SegOps.Segments.Evaluation;

/// <summary>
/// The columns of a preview. They have three bits for each condition: b for a match, s for a value that is set, and o for a value of another type than
/// the operator tests. Each further column makes the statement slower, so b0 has all of them if there is room, and also a second set of bits. The second
/// set has the values of traits that several events wrote, with a bit for each trait that says so. It replaces the first set, which has all values of
/// these users.
/// </summary>
internal sealed class PreviewColumns
{
    private const int WordBits = 64;

    /// <summary>The kinds of bits. A rule has at most <see cref="RuleLimits.MaxConditions"/> conditions, so one word has all bits of a kind.</summary>
    private const string Kinds = "bso";

    private readonly int _conditions;
    private readonly bool _isPacked;
    private readonly List<ulong> _traits = [];

    internal PreviewColumns(IReadOnlyCollection<Leaf> leaves)
    {
        _conditions = leaves.Count;
        _isPacked = Kinds.Length * _conditions <= WordBits;
        Names = _isPacked ? ["b0"] : [.. Kinds.Select(static kind => $"{kind}0")];
        var traits = leaves.Where(static leaf => leaf.Condition is TraitCondition).GroupBy(static leaf => ((TraitCondition)leaf.Condition).Path[0]).ToList();
        HasReplacements = (2 * Kinds.Length * _conditions) + traits.Count <= WordBits;
        if (HasReplacements)
            _traits.AddRange(traits.Select(trait => Mask(trait.Select(static leaf => leaf.Index))));
    }

    /// <summary>Their names.</summary>
    internal IReadOnlyList<string> Names { get; }

    /// <summary>Whether rows can replace the bits of a trait, see <see cref="Branch.Replaces"/>.</summary>
    internal bool HasReplacements { get; }

    /// <summary>The columns of a user, from those of the user's rows.</summary>
    internal IEnumerable<string> OfUser => Names.Select(name => $"{Replaced($"groupBitOr({name})")} AS {name}");

    /// <summary>Whether the value of a condition is set.</summary>
    internal string IsSet(Leaf leaf) => Has('s', leaf);

    /// <summary>Whether the value of a condition has another type than the operator tests.</summary>
    internal string IsOther(Leaf leaf) => Has('o', leaf);

    /// <summary>A branch as SELECT of user_id and the columns.</summary>
    internal string Select(Branch branch)
    {
        string[] bits = [.. new[] { branch.Bits, branch.SetBits, branch.OtherBits }.Select(static kind => $"toUInt64({kind})")];
        if (!_isPacked)
            return $"SELECT user_id, {string.Join(", ", bits.Zip(Names).Select(static column => $"{column.First} AS {column.Second}"))} FROM {branch.From}";

        var packed = string.Join(" + ", bits.Select((kind, index) => $"{kind} * {Text(1UL << (index * _conditions))}"));
        if (HasReplacements && branch.Replaces is { } trait)
            packed = $"bitShiftLeft({packed}, {Text(Kinds.Length * _conditions)}) + {Text(1UL << ReplacementBit(trait))}";
        return $"SELECT user_id, {packed} AS b0 FROM {branch.From}";
    }

    private string Has(char kind, Leaf leaf) => _isPacked
        ? $"bitTest(b0, {Text(leaf.Index + (_conditions * Kinds.IndexOf(kind, StringComparison.Ordinal)))})"
        : $"bitTest({kind}0, {Text(leaf.Index)})";

    private string Replaced(string bits)
    {
        if (_traits.Count == 0)
            return bits;
        var others = _traits.Aggregate(Mask(Enumerable.Range(0, _conditions)), static (rest, trait) => rest & ~trait);
        var traits = _traits.Select((mask, trait) =>
            $"bitAnd(if(bitTest({bits}, {Text(ReplacementBit(trait))}), bitShiftRight({bits}, {Text(Kinds.Length * _conditions)}), {bits}), {Text(mask)})");
        return $"bitAnd({bits}, {Text(others)}) + {string.Join(" + ", traits)}";
    }

    private int ReplacementBit(int trait) => (2 * Kinds.Length * _conditions) + trait;

    private ulong Mask(IEnumerable<int> conditions) => conditions.Aggregate(0UL, (mask, index) => mask
        | (1UL << index) | (1UL << (index + _conditions)) | (1UL << (index + (2 * _conditions))));

    private static string Text<T>(T number)
        where T : IFormattable => number.ToString(null, CultureInfo.InvariantCulture);
}
