using System.Text.Json.Serialization;
using SegOps.Monitoring.Http;

namespace SegOps.Monitoring.Errors;

/// <summary>One page of what was refused, or warned of, within a window; times are UTC.</summary>
/// <param name="Window">Name of the window.</param>
/// <param name="From">Begin of the window.</param>
/// <param name="To">End of the window, which lies ahead.</param>
/// <param name="Groups">The one seen last comes first.</param>
/// <param name="NextCursor">Gets the next page; null when this is the last.</param>
internal sealed record ErrorsAnswer(string Window, DateTime From, DateTime To, IReadOnlyList<ErrorGroup> Groups, string? NextCursor);

/// <summary>All faults, or warnings, of one code and field.</summary>
/// <param name="Code">What is wrong; <see cref="Errors.Fixes"/> lists the codes.</param>
/// <param name="Field">The field at fault; empty when it is the whole event or request.</param>
/// <param name="Count">How many faults, or how many events were warned of; each once however often it is stored.</param>
/// <param name="FirstSeen">When the first of the window was received.</param>
/// <param name="LastSeen">When the last was received.</param>
/// <param name="Message">What the client was told of the newest.</param>
/// <param name="Fix">How to mend it.</param>
/// <param name="Sample">The newest event at fault that was kept, its values masked: a JSON object; null when there is none.</param>
internal sealed record ErrorGroup(
    string Code,
    string Field,
    long Count,
    DateTime FirstSeen,
    DateTime LastSeen,
    string Message,
    string Fix,
    [property: JsonConverter(typeof(RawJsonConverter))] string? Sample);
