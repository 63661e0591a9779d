using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using SegOps.Monitoring.Audit;
using SegOps.Monitoring.Errors;
using SegOps.Monitoring.Events;
using SegOps.Monitoring.EventTypes;
using SegOps.Monitoring.Freshness;
using SegOps.Monitoring.Pipeline;
using SegOps.Monitoring.Status;
using SegOps.Monitoring.Usage;
using SegOps.Monitoring.Users;
using SegOps.Monitoring.Volume;

namespace SegOps.Monitoring;

/// <summary>Serialisation of all answers. It is outside of the features, so that no feature depends on another.</summary>
[JsonSerializable(typeof(PipelineAnswer))]
[JsonSerializable(typeof(FreshnessAnswer))]
[JsonSerializable(typeof(EventsAnswer))]
[JsonSerializable(typeof(VolumeAnswer))]
[JsonSerializable(typeof(EventAuditAnswer))]
[JsonSerializable(typeof(EventTypesAnswer))]
[JsonSerializable(typeof(UsersAnswer))]
[JsonSerializable(typeof(UserAnswer))]
[JsonSerializable(typeof(UsageAnswer))]
[JsonSerializable(typeof(ErrorsAnswer))]
[JsonSerializable(typeof(EventStatus))]
internal sealed partial class MonitoringJson : JsonSerializerContext
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
