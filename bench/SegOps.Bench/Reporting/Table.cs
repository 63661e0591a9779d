using System.Text;

namespace SegOps.Bench.Reporting;

/// <summary>A Markdown table, aligned for terminals. The first column names the rows.</summary>
internal sealed class Table(params string[] columns)
{
    private readonly List<IReadOnlyList<Cell>> _rows = [];

    /// <summary>The headings.</summary>
    public IReadOnlyList<string> Columns => columns;

    /// <summary>The rows. Each has one cell per column.</summary>
    public IReadOnlyList<IReadOnlyList<Cell>> Rows => _rows;

    /// <summary>Adds a row.</summary>
    /// <exception cref="ArgumentException">The number of cells differs from the number of columns.</exception>
    internal void Add(params Cell[] cells)
    {
        if (cells.Length != columns.Length)
            throw new ArgumentException($"A row of '{columns[0]}' has {cells.Length} cells for {columns.Length} columns.", nameof(cells));
        _rows.Add(cells);
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var lines = _rows.Select(row => row.Select(cell => cell.Text).ToArray()).Prepend(columns).ToArray();
        var widths = columns.Select((_, column) => lines.Max(line => line[column].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var (index, line) in lines.Index())
        {
            text.Append("| ").AppendJoin(" | ", line.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).AppendLine(" |");
            if (index == 0)
                text.Append('|').AppendJoin('|', widths.Select((width, column) => new string('-', width + 1) + (column == 0 ? "-" : ":"))).AppendLine("|");
        }
        return text.ToString();
    }
}
