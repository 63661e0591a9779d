namespace SegOps.Segments.Evaluation;

/// <summary>A query that gives bits to users.</summary>
/// <param name="From">What follows FROM. It has a column <c>user_id</c>, which can occur more than once.</param>
/// <param name="Word">The word that has the bits.</param>
/// <param name="Bits">The bits of a row.</param>
/// <param name="NextAt">When they change without new data, in microseconds since 1970, or <see cref="Scope.Never"/>.</param>
/// <param name="SetBits">The bits of values that are set.</param>
/// <param name="OtherBits">The bits of values of another type than the operator tests.</param>
/// <param name="Replaces">The number of the trait of which the bits replace those of other rows of the user; null if they are added.</param>
internal sealed record Branch(string From, int Word, string Bits, string NextAt, string SetBits = "0", string OtherBits = "0", int? Replaces = null)
{
    /// <summary>A branch that only tells when something changes.</summary>
    internal static Branch Of(string from, string nextAt) => new(from, 0, "0", nextAt);

    /// <summary>Branches of the same rows as one SELECT of user_id, the words b0, b1, … and next_at.</summary>
    internal static string Select(IReadOnlyList<Branch> same, int words)
    {
        var bits = Enumerable.Range(0, words).Select(word =>
            $"toUInt64({string.Join(" + ", same.Where(branch => branch.Word == word).Select(static branch => branch.Bits).DefaultIfEmpty("0"))}) AS b{word}");
        var next = same.Select(static branch => branch.NextAt).Distinct().ToList();
        return $"SELECT user_id, {string.Join(", ", bits)}, toInt64({Scope.Earliest(next)}) AS next_at FROM {same[0].From}";
    }
}
