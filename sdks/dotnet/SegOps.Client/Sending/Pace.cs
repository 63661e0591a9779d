using System.Security.Cryptography;

namespace SegOps.Client.Sending;

/// <summary>When the client may send next. Used by the sender only.</summary>
/// <param name="options">The waits after failures.</param>
/// <param name="clock">The client's clock.</param>
/// <param name="random">Numbers from 0 to 1, so that many clients do not come back at the same moment.</param>
internal sealed class Pace(SegOpsOptions options, Clock clock, Func<double> random)
{
    private int _failures;

    /// <summary>No request begins before this moment. It never moves back.</summary>
    public TimeSpan NotBefore { get; private set; }

    /// <summary>A number from 0 to 1 from a secure generator.</summary>
    public static double SecureRandom()
    {
        var bytes = new byte[4];
        using var generator = RandomNumberGenerator.Create();
        generator.GetBytes(bytes);
        return BitConverter.ToUInt32(bytes, 0) / (double)uint.MaxValue;
    }

    public void Succeeded() => _failures = 0;

    /// <summary>Waits between half of d and d, where d doubles with every failure in a row. A pause that the server asks for is a floor.</summary>
    /// <returns>The wait from now.</returns>
    public TimeSpan Failed(TimeSpan pause)
    {
        // 2 to the power of 40 is above every quotient of the two options.
        var longest = Math.Min(options.BackoffMax.TotalSeconds, options.BackoffBase.TotalSeconds * Math.Pow(2, Math.Min(_failures, 40)));
        _failures++;
        Pause(TimeSpan.FromSeconds(longest * (1 + random()) / 2));
        Pause(pause);
        return NotBefore - clock.Now;
    }

    public void Pause(TimeSpan pause)
    {
        if (clock.Now + pause is var end && end > NotBefore)
        {
            NotBefore = end;
        }
    }

    /// <summary>Waits for the next probe: the interval, 20 % more or less.</summary>
    public void PauseForProbe(TimeSpan interval) => Pause(TimeSpan.FromSeconds(interval.TotalSeconds * (0.8 + (0.4 * random()))));
}
