using System.Text.Json.Serialization;
using SegOps.Monitoring.Errors;
using SegOps.Monitoring.Events;
using SegOps.Monitoring.EventTypes;
using SegOps.Monitoring.Freshness;
using SegOps.Monitoring.Ledger;
using SegOps.Monitoring.Live;
using SegOps.Monitoring.Pipeline;
using SegOps.Monitoring.Receipts;
using SegOps.Monitoring.Usage;
using SegOps.Monitoring.Users;
using SegOps.Monitoring.Volume;

namespace SegOps.Monitoring.Http;

/// <summary>Serialisation of the answers.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PipelineAnswer))]
[JsonSerializable(typeof(FreshnessAnswer))]
[JsonSerializable(typeof(EventsAnswer))]
[JsonSerializable(typeof(StoredEvent))]
[JsonSerializable(typeof(SampledAnswer))]
[JsonSerializable(typeof(VolumeAnswer))]
[JsonSerializable(typeof(LedgerAnswer))]
[JsonSerializable(typeof(EventTypesAnswer))]
[JsonSerializable(typeof(UsersAnswer))]
[JsonSerializable(typeof(UsageAnswer))]
[JsonSerializable(typeof(ErrorsAnswer))]
[JsonSerializable(typeof(Receipt))]
internal sealed partial class MonitoringJson : JsonSerializerContext;
