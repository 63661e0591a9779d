using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SegOps.Segments.Api;

/// <summary>Serialisation of all answers.</summary>
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(SegmentAnswer))]
[JsonSerializable(typeof(SegmentsAnswer))]
[JsonSerializable(typeof(PropertiesAnswer))]
[JsonSerializable(typeof(PreviewAnswer))]
[JsonSerializable(typeof(Explanation))]
[JsonSerializable(typeof(MembersAnswer))]
[JsonSerializable(typeof(ChangesAnswer))]
internal sealed partial class SegmentsJson : JsonSerializerContext
{
    /// <summary>Settings for <c>Results.Json</c>. The default encoder escapes characters that HTML could interpret as markup.</summary>
    internal static void Configure(JsonSerializerOptions options)
    {
        options.TypeInfoResolverChain.Insert(0, Default);
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.Encoder = JavaScriptEncoder.Default;
    }
}
