using System.Globalization;
using SegOps.Contracts;

namespace SegOps.Segments.Api;

/// <summary>The versions that a change may replace: those of the header <c>If-Match</c>.</summary>
/// <param name="Versions">The versions; null for every one.</param>
internal sealed record VersionMatch(IReadOnlyList<string>? Versions)
{
    /// <summary>Reads the header of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="required">Whether the header must be there.</param>
    /// <exception cref="SegmentFault">It is absent.</exception>
    internal static VersionMatch Of(HttpRequest request, bool required)
    {
        if (request.Headers.IfMatch.Count == 0)
            return required
                ? throw new SegmentFault(ErrorCodes.PreconditionRequired, "Send If-Match with the ETag of the version that you replace, such as If-Match: \"3\".")
                : new VersionMatch((IReadOnlyList<string>?)null);
        var tags = request.GetTypedHeaders().IfMatch;
        return new(tags.Any(static tag => tag.Tag == "*") ? null : [.. tags.Where(static tag => !tag.IsWeak).Select(static tag => tag.Tag.ToString())]);
    }

    /// <summary>The ETag of <paramref name="version"/>.</summary>
    internal static string TagOf(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    /// <summary>Whether a segment of <paramref name="version"/> may be changed.</summary>
    internal bool Allows(long version) => Versions?.Contains(TagOf(version)) != false;
}
