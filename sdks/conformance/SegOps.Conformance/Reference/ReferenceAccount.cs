using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace SegOps.Conformance.Reference;

/// <summary>Counts what became of events, and reports on a thread of its own.</summary>
internal sealed class ReferenceAccount
{
    private readonly Channel<JsonObject> _lines = Channel.CreateUnbounded<JsonObject>();
    private readonly Dictionary<string, long> _drops = [];
    private readonly Fault _faults;

    public ReferenceAccount(string client, Action<JsonObject> print, Fault faults)
    {
        _faults = faults;
        _ = Task.Run(async () =>
        {
            await foreach (var line in _lines.Reader.ReadAllAsync())
            {
                line["client"] = client;
                try
                {
                    print(line);
                }
                catch (InvalidOperationException)
                {
                    // A callback that throws changes nothing.
                }
            }
        });
    }

    public long Tracked { get; set; }

    public long Accepted { get; set; }

    public long Rejected => _drops.GetValueOrDefault("rejected");

    public long Dropped => _drops.Where(drop => drop.Key != "rejected").Sum(drop => drop.Value);

    public JsonObject Drops => new([.. _drops.Select(drop => KeyValuePair.Create(drop.Key, (JsonNode?)drop.Value))]);

    public void Drop(ReferenceEvent each, string reason, string message, ReferenceAnswer? answer = null, System.Text.Json.JsonElement? error = null)
    {
        _drops[reason] = _drops.GetValueOrDefault(reason) + 1;
        if (_faults.HasFlag(Fault.LosesSilently))
            return;
        for (var times = _faults.HasFlag(Fault.ReportsTwice) ? 2 : 1; times > 0; times--)
        {
            var line = new JsonObject { ["ev"] = "drop", ["event_id"] = each.Id, ["event_type"] = each.Type, ["reason"] = reason, ["message"] = message };
            if (answer is not null)
                (line["status"], line["code"]) = (answer.Status, answer.Code);
            foreach (var name in error is null ? [] : (string[])["field", "code", "message"])
                line[name] = error?.GetProperty(name).GetString();
            _lines.Writer.TryWrite(line);
        }
    }

    public void Warn(string? id, string field, string code, string message) => _lines.Writer.TryWrite(new JsonObject
    {
        ["ev"] = "warning", ["event_id"] = id, ["field"] = field, ["code"] = code, ["message"] = message,
    });

    public void Error(string kind, ReferenceAnswer? answer, string message) => _lines.Writer.TryWrite(new JsonObject
    {
        ["ev"] = "error", ["kind"] = kind, ["status"] = answer?.Status, ["code"] = answer?.Code, ["message"] = message,
    });

    public void Log(string message) => _lines.Writer.TryWrite(new JsonObject { ["ev"] = "log", ["level"] = "information", ["message"] = message });
}
