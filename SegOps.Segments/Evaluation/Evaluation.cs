using SegOps.Segments.Rules;

namespace SegOps.Segments.Evaluation;

/// <summary>A rule to evaluate.</summary>
/// <param name="Project">The project.</param>
/// <param name="Environment">The environment.</param>
/// <param name="Rule">The rule, without references to segments.</param>
/// <param name="Now">The time for which it is evaluated. What was received or occurred later does not count.</param>
/// <param name="Tables">The tables that hold the users and their data.</param>
/// <param name="UserId">The only user to evaluate; null for all users of the tables.</param>
internal sealed record Evaluation(string Project, string Environment, Rule Rule, DateTimeOffset Now, SourceTables Tables, string? UserId = null);

/// <summary>Tables with the columns of <c>events</c>, <c>user_trait_values</c> and <c>users</c>. A pass copies the rows of changed users to tables of its own.</summary>
internal sealed record SourceTables(string Events, string TraitValues, string Users)
{
    /// <summary>The tables of all users.</summary>
    internal static readonly SourceTables Stored = new("events", "user_trait_values", "users");
}
