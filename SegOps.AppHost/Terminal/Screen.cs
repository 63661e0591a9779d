namespace SegOps.AppHost.Terminal;

/// <summary>Writes whole lines to standard output; thread-safe. Colours appear on a terminal only.</summary>
internal sealed class Screen
{
    private readonly Lock _lock = new();
    private readonly TextWriter _output;
    private readonly bool _colours;

    /// <summary>Writes to <paramref name="output"/>, with ANSI colours if <paramref name="colours"/> is set.</summary>
    public Screen(TextWriter output, bool colours)
    {
        _output = output;
        _colours = colours;
    }

    /// <summary>Standard output; colours on a terminal unless NO_COLOR is set (no-color.org).</summary>
    public static Screen ForConsole() => new(
        Console.Out, !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));

    public string Bold(string text) => Paint(text, "1");

    public string Dim(string text) => Paint(text, "2");

    public string Green(string text) => Paint(text, "32");

    public string Red(string text) => Paint(text, "31");

    public string Yellow(string text) => Paint(text, "33");

    public string Cyan(string text) => Paint(text, "36");

    public void Write(string line)
    {
        lock (_lock)
        {
            try
            {
                _output.WriteLine(line);
                _output.Flush();
            }
            catch (IOException)
            {
                // The reader has ended (`| head`). The parts must still be stopped in order.
            }
        }
    }

    private string Paint(string text, string code) => _colours ? $"\e[{code}m{text}\e[0m" : text;
}
