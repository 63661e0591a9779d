using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CsCheck;
using SegOps.Client.Events;

namespace SegOps.Client.Tests.Events;

public class EventEncoderTests
{
    private static readonly Guid Id = new("01981b3e-7c1a-7b1c-8f02-6d1b9f3a2c41");
    private static readonly DateTimeOffset Time = new(2026, 1, 2, 5, 4, 5, 678, TimeSpan.FromHours(2));

    [Fact]
    public void Encode_WholeEvent_HasTheServersNamesAndUtcMilliseconds()
    {
        var text = Text(new { order_id = "ord-456", total = 89.95 });

        Assert.Equal(
            """{"event_id":"01981b3e-7c1a-7b1c-8f02-6d1b9f3a2c41","user_id":"user-1","event_type":"order_placed","occurred_at":"2026-01-02T03:04:05.678Z","payload":{"order_id":"ord-456","total":89.95}}""",
            text);
    }

    [Fact]
    public void Encode_NoPayload_LeavesTheFieldOut() => Assert.DoesNotContain("payload", Text(null), StringComparison.Ordinal);

    public static TheoryData<object, string> Payloads => new()
    {
        { new Dictionary<string, object?> { ["a"] = 1, ["b"] = null, ["c"] = new[] { "x", "y" } }, """{"a":1,"b":null,"c":["x","y"]}""" },
        { new Dictionary<string, object?> { ["a"] = new Dictionary<string, object?> { ["b"] = new object?[] { 1L, 2.5, 3m, true } } }, """{"a":{"b":[1,2.5,3,true]}}""" },
        { new Dictionary<string, string> { ["plan"] = "pro" }, """{"plan":"pro"}""" },
        { new Dictionary<string, object?> { ["at"] = Time, ["id"] = Id, ["n"] = (byte)7 }, """{"at":"2026-01-02T05:04:05.678+02:00","id":"01981b3e-7c1a-7b1c-8f02-6d1b9f3a2c41","n":7}""" },
        { new JsonObject { ["a"] = new JsonArray(1, 2) }, """{"a":[1,2]}""" },
        { JsonDocument.Parse("""{"a":1.50}""").RootElement, """{"a":1.50}""" },
        { new { Name = "é<>&'+", List = new[] { 1, 2 } }, """{"Name":"é<>&'+","List":[1,2]}""" },
    };

    [Theory]
    [MemberData(nameof(Payloads))]
    public void Encode_KindsOfPayload_AreWrittenAsTheyAre(object payload, string expected) =>
        Assert.EndsWith($"\"payload\":{expected}}}", Text(payload), StringComparison.Ordinal);

    [Theory]
    [InlineData(32_768, null)]
    [InlineData(32_769, "payload_too_large")]
    public void Encode_SizeOfPayload_IsCountedInBytes(int bytes, string? code)
    {
        var text = new string('é', (bytes - 8) / 2) + ((bytes % 2) == 1 ? "x" : "");

        var (_, fault) = Encode(new Dictionary<string, object?> { ["a"] = text });

        Assert.Equal(code, fault?.Code);
        Assert.Equal(code is null ? null : DropReason.TooLarge, fault?.Reason);
    }

    [Theory]
    [InlineData(10, null)]
    [InlineData(11, "payload_too_deep")]
    [InlineData(60, "payload_too_deep")]
    public void Encode_Levels_AreLimited(int levels, string? code)
    {
        object? nested = null;
        for (var i = 0; i < levels; i++)
        {
            nested = new Dictionary<string, object?> { ["a"] = nested };
        }

        Assert.Equal(code, Encode(nested).Fault?.Code);
        Assert.Equal(code, Encode(JsonNode.Parse(JsonSerializer.Serialize(nested))).Fault?.Code);
    }

    [Fact]
    public void Encode_PayloadThatHoldsItself_IsTooDeep()
    {
        var payload = new Dictionary<string, object?>();
        payload["self"] = payload;

        Assert.Equal("payload_too_deep", Encode(payload).Fault!.Code);
    }

    [Fact]
    public void Encode_EndlessPayload_IsTooLarge() => Assert.Equal("payload_too_large", Encode(new { endless = Endless() }).Fault!.Code);

    [Fact]
    public void Encode_HugeText_IsTooLarge() => Assert.Equal("payload_too_large", Encode(new { text = new string('x', 5_000_000) }).Fault!.Code);

    [Theory]
    [InlineData("text")]
    [InlineData(42)]
    [InlineData(new[] { 1 })]
    public void Encode_NoObject_IsTheWrongType(object payload) => Assert.Equal("wrong_type", Encode(payload).Fault!.Code);

    [Fact]
    public void Encode_ThrowingPayload_IsDroppedWithoutItsText()
    {
        var fault = Encode(new Throwing()).Fault!;

        Assert.Equal((DropReason.Invalid, "unserializable"), (fault.Reason, fault.Code));
        Assert.DoesNotContain("secret", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_NotANumber_IsInvalid() => Assert.Equal(DropReason.Invalid, Encode(new Dictionary<string, object?> { ["a"] = double.NaN }).Fault!.Reason);

    [Fact]
    public void Encode_AfterAFault_EncodesTheNextEvent()
    {
        var encoder = new EventEncoder(null);
        encoder.Encode(Id, "user-1", "order_placed", Time, new Throwing());

        var (json, _) = encoder.Encode(Id, "user-1", "order_placed", Time, new { a = 1 });

        Assert.Equal(1, (int)JsonNode.Parse(json)!["payload"]!["a"]!);
    }

    [Fact]
    public void Encode_WithAContractOfTheProgram_UsesIt()
    {
        var (json, _) = new EventEncoder(OrderJson.Default.Options).Encode(Id, "user-1", "order_placed", Time, new Order("ord-456"));

        Assert.Equal("""{"orderId":"ord-456"}""", JsonNode.Parse(json)!["payload"]!.ToJsonString());
    }

    [Fact]
    public void Encode_TypeWithoutAContract_IsInvalid() =>
        Assert.Equal("unserializable", new EventEncoder(OrderJson.Default.Options).Encode(Id, "user-1", "order_placed", Time, new { a = 1 }).Fault!.Code);

    [Fact]
    public void Encode_PayloadThatTracksInItsConverter_KeepsBothEventsApart()
    {
        var encoder = new EventEncoder(null);
        var payload = new Nested(() => encoder.Encode(Guid.NewGuid(), "user-2", "inner", Time, new { b = 2 }).Json!);

        var (json, _) = encoder.Encode(Id, "user-1", "outer", Time, payload);

        Assert.Equal("outer", (string)JsonNode.Parse(json)!["event_type"]!);
        Assert.Equal("inner", (string)JsonNode.Parse(payload.Made!)!["event_type"]!);
    }

    [Fact]
    public void Encode_AnyText_ComesBackUnchanged() => Gen.String.Where(text => !text.Any(char.IsSurrogate)).Sample(text =>
    {
        var (json, _) = Encode(new Dictionary<string, object?> { [text] = text });
        return (string)JsonNode.Parse(json)!["payload"]![text]! == text;
    });

    private static IEnumerable<int> Endless()
    {
        while (true)
        {
            yield return 1;
        }
    }

    private static (byte[]? Json, EventFault? Fault) Encode(object? payload) =>
        new EventEncoder(null).Encode(Id, "user-1", "order_placed", Time, payload);

    private static string Text(object? payload) => Encoding.UTF8.GetString(Encode(payload).Json!);

    private sealed class Throwing
    {
        private readonly string _text = "secret";

        public string Value => throw new InvalidOperationException(_text);
    }

    private sealed class Nested(Func<byte[]> track)
    {
        [JsonIgnore]
        public byte[]? Made { get; private set; }

        public int Value
        {
            get
            {
                Made = track();
                return 1;
            }
        }
    }
}

public sealed record Order(string OrderId);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Order))]
internal sealed partial class OrderJson : JsonSerializerContext;
