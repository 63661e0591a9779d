namespace SegOps.Bench.Pipeline;

/// <summary>Looks for the highest rate that is sustained.</summary>
internal static class RateSearch
{
    private const double Lowest = 0.6;
    private const double Down = 0.8;
    private const int MostDown = 8;

    /// <summary>
    /// Halves what lies between 60 and 100 % of <paramref name="estimate"/> in <paramref name="steps"/> steps; where none of them is sustained, goes
    /// down from 60 % until one is.
    /// </summary>
    /// <param name="estimate">Taken to be too much, or just about possible.</param>
    /// <param name="steps">How often to halve.</param>
    /// <param name="isSustained">Tries a rate.</param>
    /// <returns>The highest rate that was sustained; if none was, the lowest that was tried.</returns>
    internal static async Task<double> HighestAsync(double estimate, int steps, Func<double, Task<bool>> isSustained)
    {
        var (low, high, found) = (estimate * Lowest, estimate, false);
        for (var step = 0; step < steps; step++)
        {
            var rate = (low + high) / 2;
            if (await isSustained(rate))
                (low, found) = (rate, true);
            else
                high = rate;
        }

        for (var step = 0; !found && !await isSustained(low) && step < MostDown; step++)
            low *= Down;
        return low;
    }
}
