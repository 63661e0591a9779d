using System.Text.Json.Serialization;

namespace SegOps.Segments.Store;

/// <summary>A saved segment.</summary>
/// <param name="Id">Its id, a UUID of version 7.</param>
/// <param name="Name">Its name, 1 to 200 characters; not unique.</param>
/// <param name="RuleJson">Its rule as JSON, as the client sent it. References to other segments are not resolved.</param>
/// <param name="Version">1 at first. Every change adds 1.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="UpdatedAt">When its name or rule was changed last.</param>
/// <param name="Project">Its project.</param>
/// <param name="Environment">Its environment.</param>
internal sealed record SegmentDefinition(
    Guid Id, string Name, string RuleJson, long Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, string Project, string Environment);

/// <summary>The segments of a project and environment at one moment.</summary>
/// <param name="Revision">Changes with every change of them; empty if there never was one.</param>
/// <param name="Segments">The segments by id.</param>
internal sealed record SegmentSet(string Revision, IReadOnlyDictionary<Guid, SegmentDefinition> Segments);

/// <summary>A change of one segment.</summary>
/// <param name="Id">The segment.</param>
/// <param name="Definition">The new definition; null to remove it.</param>
internal sealed record SegmentChange(Guid Id, SegmentDefinition? Definition);

/// <summary>A definition as Redis holds it.</summary>
internal sealed record StoredSegment(string Name, string Rule, long Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>Serialisation of <see cref="StoredSegment"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(StoredSegment))]
internal sealed partial class StoredSegmentJson : JsonSerializerContext;
