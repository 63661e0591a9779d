using System.Globalization;

namespace SegOps.Bench.Reporting;

/// <summary>A cell of a table.</summary>
/// <param name="Text">How it reads.</param>
/// <param name="Figure">The figure behind it; null when it is none.</param>
internal readonly record struct Cell(string Text, double? Figure = null)
{
    /// <summary>A figure, as <paramref name="format"/> writes it.</summary>
    internal static Cell Of(double figure, string format) => new(figure.ToString(format, CultureInfo.InvariantCulture), figure);

    /// <summary>A cell without a figure.</summary>
    public static implicit operator Cell(string text) => new(text);
}
