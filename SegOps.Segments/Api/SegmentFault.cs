using System.Text.Json.Serialization;
using SegOps.Contracts;
using SegOps.Segments.Rules;
using SegOps.ServiceDefaults.Http;

namespace SegOps.Segments.Api;

/// <summary>The request cannot be answered: a problem with one of the <see cref="ErrorCodes"/>.</summary>
/// <param name="code">The code.</param>
/// <param name="detail">The problem and its correction, without values of the request.</param>
internal class SegmentFault(string code, string detail) : Exception(detail)
{
    /// <summary>The code.</summary>
    internal string Code => code;

    /// <summary>After this time the same request can succeed; null if it cannot.</summary>
    internal TimeSpan? RetryAfter { get; init; }

    /// <summary>The project and environment have no segment of this id.</summary>
    internal static SegmentFault NotFound() => new(ErrorCodes.SegmentNotFound, "The project and environment of the key have no segment with this id.");
}

/// <summary>A rule has faults, all of which the answer lists.</summary>
internal sealed class InvalidRuleException(IReadOnlyList<RuleFault> faults) : SegmentFault(ErrorCodes.InvalidRule, "errors lists every fault of the rule, with its place.")
{
    /// <summary>The faults.</summary>
    internal IReadOnlyList<RuleFault> Faults => faults;
}

/// <summary>The problem <see cref="ErrorCodes.InvalidRule"/>.</summary>
internal sealed class InvalidRuleProblem : Problem
{
    /// <summary>The faults, in the order of the rule's text.</summary>
    public required IReadOnlyList<RuleFault> Errors { get; init; }

    /// <summary>Writes the answer.</summary>
    internal static Task WriteAsync(HttpContext context, InvalidRuleException invalid) => Problems.WriteAsync(context, new InvalidRuleProblem
    {
        Type = ErrorCatalog.TypeBase + invalid.Code,
        Title = ErrorCatalog.TitleOf(invalid.Code),
        Status = ErrorCatalog.StatusOf(invalid.Code),
        Detail = invalid.Message,
        Code = invalid.Code,
        TraceId = Problems.TraceId(context),
        Errors = invalid.Faults,
    }, InvalidRuleJson.Default.InvalidRuleProblem);
}

/// <summary>Serialisation of <see cref="InvalidRuleProblem"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(InvalidRuleProblem))]
internal sealed partial class InvalidRuleJson : JsonSerializerContext;
