using System.Text.Json.Serialization;
using SegOps.Monitoring.Events;
using SegOps.Monitoring.Pipeline;
using SegOps.Monitoring.Volume;

namespace SegOps.Monitoring.Http;

/// <summary>Serialisation of the answers.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PipelineAnswer))]
[JsonSerializable(typeof(EventsAnswer))]
[JsonSerializable(typeof(VolumeAnswer))]
internal sealed partial class MonitoringJson : JsonSerializerContext;
