namespace SegOps.Bench.Pipeline;

/// <summary>Looks for the highest rate that is sustained.</summary>
internal static class RateSearch
{
    private const double First = 0.8;
    private const double Factor = 1.25;

    /// <summary>However wrong the estimate is: this often up or down is a factor of 6 or so.</summary>
    private const int MostMoves = 8;

    /// <summary>
    /// Begins at 80 % of <paramref name="estimate"/> and goes up while a rate is sustained, or down until one is, a quarter each time; then halves
    /// what lies between the last two in <paramref name="steps"/> steps.
    /// </summary>
    /// <param name="estimate">About what may be possible.</param>
    /// <param name="steps">How often to halve.</param>
    /// <param name="isSustained">Tries a rate.</param>
    /// <returns>The highest rate that was sustained; if none was, the lowest that was tried.</returns>
    internal static async Task<double> HighestAsync(double estimate, int steps, Func<double, Task<bool>> isSustained)
    {
        var low = estimate * First;
        var goesUp = await isSustained(low);
        for (var moves = 0; moves < MostMoves; moves++)
        {
            var next = goesUp ? low * Factor : low / Factor;
            var isNextSustained = await isSustained(next);
            if (isNextSustained || !goesUp)
                low = next;
            if (isNextSustained != goesUp)
                break;
        }

        var high = low * Factor;
        for (var step = 0; step < steps; step++)
        {
            var middle = (low + high) / 2;
            if (await isSustained(middle))
                low = middle;
            else
                high = middle;
        }
        return low;
    }
}
