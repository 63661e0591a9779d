namespace SegOps.Bench.Pipeline;

/// <summary>Searches for the highest sustained rate.</summary>
internal static class RateSearch
{
    private const double First = 0.8;
    private const double Factor = 1.25;

    /// <summary>Limits the search to a factor of about 6 from the estimate.</summary>
    private const int MaxSteps = 8;

    /// <summary>
    /// Starts at 80 % of <paramref name="estimate"/>. Raises the rate by a quarter while it is sustained, or lowers it until it is. Then bisects
    /// the last interval.
    /// </summary>
    /// <param name="estimate">Estimate of the highest rate.</param>
    /// <param name="steps">Number of bisections.</param>
    /// <param name="isSustained">Tests a rate.</param>
    /// <returns>The highest sustained rate. If there is none, the lowest rate tested.</returns>
    internal static async Task<double> HighestAsync(double estimate, int steps, Func<double, Task<bool>> isSustained)
    {
        var low = estimate * First;
        var isRising = await isSustained(low);
        for (var step = 0; step < MaxSteps; step++)
        {
            var next = isRising ? low * Factor : low / Factor;
            var isNextSustained = await isSustained(next);
            if (isNextSustained || !isRising)
                low = next;
            if (isNextSustained != isRising)
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
