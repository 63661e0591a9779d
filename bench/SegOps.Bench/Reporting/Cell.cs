using System.Globalization;

namespace SegOps.Bench.Reporting;

/// <summary>A cell of a table.</summary>
/// <param name="Text">The displayed text.</param>
/// <param name="Figure">The figure, if the cell has one.</param>
internal readonly record struct Cell(string Text, double? Figure = null)
{
    /// <summary>Creates a cell with a formatted figure.</summary>
    internal static Cell Of(double figure, string format) => new(figure.ToString(format, CultureInfo.InvariantCulture), figure);

    /// <summary>Creates a cell without a figure.</summary>
    public static implicit operator Cell(string text) => new(text);
}
