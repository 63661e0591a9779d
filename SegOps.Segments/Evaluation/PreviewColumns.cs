using System.Globalization;
using SegOps.Segments.Rules;

namespace SegOps.Segments.Evaluation;

/// <summary>
/// The columns of a preview. They have three bits for each condition: b for a match, s for a value that is set, and o for a value of another type than
/// the operator tests. Each column more makes the statement slower, so b0 has all of them if there is room, and also a second set of bits. The second set
/// has the values of traits that several events wrote, with a bit for each trait that says so. It replaces the first set, which has all values of these users.
/// </summary>
internal sealed class PreviewColumns
{
    private const int WordBits = 64;

    private const string Kinds = "bso";

    private readonly int _conditions;
    private readonly int _words;
    private readonly bool _isPacked;
    private readonly List<ulong> _traits;

    internal PreviewColumns(IReadOnlyCollection<Leaf> leaves)
    {
        _conditions = leaves.Count;
        _words = Leaf.Words(leaves);
        _isPacked = Kinds.Length * _conditions <= WordBits;
        var groups = leaves.Where(static leaf => leaf.Condition is TraitCondition).GroupBy(static leaf => ((TraitCondition)leaf.Condition).Path[0]).ToList();
        HasReplacements = groups.Count > 0 && (2 * Kinds.Length * _conditions) + groups.Count <= WordBits;
        _traits = HasReplacements ? groups.ConvertAll(group => Mask(group.Select(static leaf => leaf.Index))) : [];
        Names = _isPacked ? ["b0"] : [.. Enumerable.Range(0, _words).SelectMany(static word => Kinds.Select(kind => $"{kind}{Text(word)}"))];
    }

    /// <summary>Their names.</summary>
    internal IReadOnlyList<string> Names { get; }

    /// <summary>Whether rows can replace the bits of a trait, see <see cref="Branch.Replaces"/>.</summary>
    internal bool HasReplacements { get; }

    /// <summary>The columns of a user, from those of the user's rows.</summary>
    internal IEnumerable<string> OfUser => Names.Select(name => $"{Resolved($"groupBitOr({name})")} AS {name}");

    /// <summary>Whether the bit of a kind is set.</summary>
    internal string Has(char kind, Leaf leaf) => _isPacked
        ? $"bitTest(b0, {Text(leaf.Index + (_conditions * Kinds.IndexOf(kind, StringComparison.Ordinal)))})"
        : $"bitTest({kind}{Text(leaf.Word)}, {Text(leaf.Index % WordBits)})";

    /// <summary>A branch as SELECT of user_id and the columns.</summary>
    internal string Select(Branch branch)
    {
        string[] bits = [branch.Bits, branch.SetBits, branch.OtherBits];
        if (!_isPacked)
            return $"SELECT user_id, {string.Join(", ", Names.Select(name => $"toUInt64({(name[1..] == Text(branch.Word) ? bits[Kinds.IndexOf(name[0], StringComparison.Ordinal)] : "0")}) AS {name}"))} FROM {branch.From}";

        var packed = string.Join(" + ", bits.Select((kind, index) => $"toUInt64({kind}) * {Text(1UL << (index * _conditions))}"));
        if (HasReplacements && branch.Replaces is { } trait)
            packed = $"bitShiftLeft({packed}, {Text(Kinds.Length * _conditions)}) + {Text(1UL << Replaced(trait))}";
        return $"SELECT user_id, {packed} AS b0 FROM {branch.From}";
    }

    private string Resolved(string bits)
    {
        if (!HasReplacements)
            return bits;
        var others = _traits.Aggregate(Mask(Enumerable.Range(0, _conditions)), static (rest, trait) => rest & ~trait);
        var traits = _traits.Select((mask, trait) =>
            $"bitAnd(if(bitTest({bits}, {Text(Replaced(trait))}), bitShiftRight({bits}, {Text(Kinds.Length * _conditions)}), {bits}), {Text(mask)})");
        return $"bitAnd({bits}, {Text(others)}) + {string.Join(" + ", traits)}";
    }

    private int Replaced(int trait) => (2 * Kinds.Length * _conditions) + trait;

    private ulong Mask(IEnumerable<int> conditions) => conditions.Aggregate(0UL, (mask, index) => mask
        | (1UL << index) | (1UL << (index + _conditions)) | (1UL << (index + (2 * _conditions))));

    private static string Text<T>(T number)
        where T : IFormattable => number.ToString(null, CultureInfo.InvariantCulture);
}
