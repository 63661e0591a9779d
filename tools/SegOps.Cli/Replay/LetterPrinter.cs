using System.Globalization;
using System.Text;

namespace SegOps.Cli.Replay;

/// <summary>Prints dead letters.</summary>
internal sealed class LetterPrinter(LetterStore letters, ReplayConsole console)
{
    private const string Columns = "{0,-36}  {1,-20}  {2,-16}  {3,-4}  {4,-16}  {5,-16}  {6,-36}  {7}";

    /// <summary>Bytes shown of a binary message.</summary>
    private const int ShownBytes = 256;

    private static readonly CompositeFormat Line = CompositeFormat.Parse(Columns);

    /// <summary>Prints a line for each letter, and their number.</summary>
    public async Task<int> ListAsync(ListLetters request, CancellationToken stop)
    {
        var (count, _) = await letters.CountAsync(request.Letters, stop);
        var found = await letters.NewestAsync(request.Letters, request.Limit, stop);
        if (found.Count > 0)
            await WriteAsync("DEAD LETTER", "FIRST SEEN", "PROJECT", "ENV", "TABLE", "CODE", "EVENT", "STATE");
        foreach (var letter in found)
            await WriteAsync(
                letter.Id, Seconds(letter.FirstSeen), OrNone(letter.Project), OrNone(letter.Environment), letter.Table, letter.Code,
                letter.EventId?.ToString() ?? (letter.IsRow ? "-" : "(whole message)"), State(letter));
        await console.Error.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{(request.Letters.Closed ? "Dead letters" : "Open dead letters")}: {count:N0}{(count > found.Count ? $", {found.Count:N0} listed" : "")}."));
        return ReplayStatus.Done;
    }

    /// <summary>Prints the details of a letter.</summary>
    public async Task<int> ShowAsync(ShowLetter request, CancellationToken stop)
    {
        var letter = await letters.OneAsync(request.Id, stop);
        if (request.Raw)
        {
            await using var bytes = console.OutBytes();
            await bytes.WriteAsync(letter.Raw, stop);
            return ReplayStatus.Done;
        }

        (string Name, string Value)[] facts =
        [
            ("dead letter", $"{letter.Id} ({State(letter)})"),
            ("first seen", CommonOptions.Text(letter.FirstSeen)),
            ("project", $"{OrNone(letter.Project)} {letter.Environment}"),
            ("table", letter.Table),
            ("event", letter.EventId?.ToString() ?? "-"),
            ("code", letter.Code),
            ("message", letter.Message.Trim()),
            .. letter.Attributes.OrderBy(attribute => attribute.Key, StringComparer.Ordinal).Select(attribute => (attribute.Key, attribute.Value)),
            (letter.IsRow ? "row" : "whole message", $"{letter.RawLength} bytes"),
        ];
        foreach (var (name, value) in facts)
            await console.Out.WriteLineAsync($"{name,-24}  {value}");
        await console.Out.WriteLineAsync(Text(letter.Raw));
        return ReplayStatus.Done;
    }

    private static string State(Letter letter) => letter.ReplayedAt is { } at ? $"replayed {Seconds(at)}" : "open";

    /// <summary>Formats a time in seconds. It is rounded down, so that it can be used with <c>--since</c>.</summary>
    private static string Seconds(DateTimeOffset time) => CommonOptions.Text(time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond)));

    private static string OrNone(string text) => text == "" ? "-" : text;

    private static string Text(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.Span).TrimEnd('\n');
            if (!text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')))
                return text;
        }
        catch (DecoderFallbackException)
        {
            // Binary data.
        }

        var more = bytes.Length > ShownBytes ? $" ... (--raw prints all {bytes.Length} bytes)" : "";
        return $"hex {Convert.ToHexStringLower(bytes.Span[..Math.Min(bytes.Length, ShownBytes)])}{more}";
    }

    private Task WriteAsync(params object[] cells) =>
        console.Out.WriteLineAsync(string.Format(CultureInfo.InvariantCulture, Line, cells).TrimEnd());
}
