using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace SegOps.Conformance.Sdks;

/// <summary>What was said between runner, driver and server, for the message of a failed scenario.</summary>
internal sealed class Transcript
{
    private const int LongestLine = 300;
    private const int MostLines = 120;

    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly ConcurrentQueue<string> _lines = new();

    public void Add(string direction, string line) => _lines.Enqueue(string.Create(
        CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(_began).TotalMilliseconds,8:0} ms {direction} {Shortened(line)}"));

    public static string Shortened(string line) => line.Length <= LongestLine ? line : line[..LongestLine] + "…";

    public override string ToString()
    {
        var lines = _lines.ToArray();
        return string.Join('\n', lines.Length <= MostLines ? lines : [.. lines[..(MostLines / 3)], "…", .. lines[^(2 * MostLines / 3)..]]);
    }
}
