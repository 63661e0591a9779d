using System.Text;
using System.Text.Json;
using CsCheck;
using SegOps.Ingestion.Parsing;
using SegOps.Ingestion.Publishing;
using static SegOps.Tests.Unit.Ingestion.Parse;

namespace SegOps.Tests.Unit.Ingestion;

public sealed class EventSampleTests
{
    /// <summary>Texts of letters that stand next to each other in no name, type or size.</summary>
    private static readonly Gen<string> Secret = Gen.Char["qzxjQZXJ"].Array[4, 12].Select(letters => new string(letters));

    private static readonly Gen<string> SecretJson = Gen.OneOf(
        Secret.Select(text => $"\"{text}\""),
        Secret.Select(text => "\"" + string.Concat(text.Select(letter => $"\\u{(int)letter:x4}")) + "\""),
        Secret.Select(text => $"[\"{text}\"]"),
        Secret.Select(text => $"{{\"{text}\":{{\"a\":\"{text}\"}}}}"));

    private static readonly Gen<string> SecretEvent = Gen.Select(
        Gen.Int[0, Names.Length - 1].Select(i => Names[i]), SecretJson, (name, value) => $"\"{name}\":{value}")
        .Array[0, 8].Select(fields => $"{{{string.Join(',', fields)}}}");

    private static string[] Names => ["user_id", "event_type", "occurred_at", "payload", "event_id", "userId", "e-mail", "a b"];

    [Fact]
    public void Sample_OfARefusedEvent_ShowsTypesAndSizesOfItsFields() => Assert.Equal(
        """{"userId":"string(8)","event_type":"string(12)","occurred_at":"number","payload":"object(3)","tags":"array(2)","vip":"boolean","x":"null"}""",
        SampleOf("""
            {"userId":"user-123","event_type":"order_placed","occurred_at":17, "payload":{"a":{"b":1,"c":2},"d":[1,2],"e":null},
             "tags":[{"a":1},[2,3]],"vip":true,"x":null}
            """));

    [Theory]
    [InlineData("", 0)]
    [InlineData("é中😀", 3)]
    [InlineData("""a\n\"\\b""", 5)]
    [InlineData("""\u0061\ud83d\ude00""", 2)]
    [InlineData("""\ud83d\n\ude00x""", 4)]
    [InlineData("""\\u0061""", 6)]
    public void Sample_String_IsSizedInCharacters(string text, int characters) =>
        Assert.Equal($$"""{"x":"string({{characters}})"}""", SampleOf($$"""{"x":"{{text}}"}"""));

    [Fact]
    public void Sample_EmptyEvent_IsAnEmptyObject() => Assert.Equal("{}", SampleOf("{}"));

    [Fact]
    public void Sample_NameOfAnUnknownField_IsShownShortAndPlain()
    {
        var name = "jo@example.com é" + new string('x', 1000);

        var outcome = Events("""{"user_id":"u","event_type":"a","NAME":1}""".Replace("NAME", name, StringComparison.Ordinal));

        var field = Assert.Single(outcome.Totals).Field;
        Assert.Contains($"\"{field}\":\"number\"", Encoding.UTF8.GetString(outcome.Totals[0].Sample!), StringComparison.Ordinal);
    }

    [Fact]
    public void Sample_EscapedNameOfAKnownField_IsShownAsTheField() => Assert.Equal("""{"user_id":"number"}""", SampleOf("""{"user\u005fid":1}"""));

    [Fact]
    public void Sample_FieldTwice_IsShownOnceWithItsNumber() =>
        Assert.Equal("""{"user_id":"string(1), 3 times"}""", SampleOf("""{"user_id":"a","user_id":{},"user_id":[]}"""));

    [Fact]
    public void Sample_MoreThan20Fields_TellsTheNumberOfTheOthers()
    {
        var sample = JsonElement.Parse(SampleOf($"{{{string.Join(',', Enumerable.Range(0, 30).Select(i => $"\"f{i}\":{i}"))}}}"));

        Assert.Equal(EventSample.MaxFields + 1, sample.EnumerateObject().Count());
        Assert.Equal("10 more", sample.GetProperty("…").GetString());
    }

    [Fact]
    public void Sample_LongNames_StaysBelow2KbAndCountsWhatItLeavesOut()
    {
        var sample = SampleOf($"{{{string.Join(',', Enumerable.Range(0, 25).Select(i => $"\"{i}{new string('n', 200)}\":\"x\""))}}}");

        Assert.InRange(Encoding.UTF8.GetByteCount(sample), 1500, EventSample.MaxBytes);
        var fields = JsonElement.Parse(sample).EnumerateObject().ToList();
        Assert.Equal($"{25 - (fields.Count - 1)} more", fields[^1].Value.GetString());
    }

    [Fact]
    public void Samples_SameFaultOfManyEvents_AreOne()
    {
        var outcome = Events([.. Enumerable.Repeat("""{"user_id":1,"event_type":"a"}""", 500)]);

        Assert.Equal([0], outcome.Samples.Keys);
    }

    [Fact]
    public void Samples_FirstFaultOfEachCodeAndField_HasOne()
    {
        var outcome = Events("""{"user_id":1,"event_type":"a"}""", """{"user_id":2}""", """{"user_id":"","event_type":"a"}""");

        Assert.Equal([("user_id", "wrong_type"), ("user_id", "wrong_type"), ("event_type", "required"), ("user_id", "empty")], outcome.CodesOfErrors);
        Assert.Equal([0, 2, 3], outcome.Samples.Keys.Order());
        Assert.Equal("""{"user_id":"number"}""", outcome.Samples[2]);
    }

    [Fact]
    public void Samples_OfHostileRequest_AreBoundedTogether()
    {
        var wide = string.Join(',', Enumerable.Range(0, 20).Select(i => $"\"{i}{new string('n', 200)}\":\"x\""));

        var outcome = Events([.. Enumerable.Range(0, 100).Select(i => Event(more: $"\"field{i}\":1,{wide}"))]);

        var samples = outcome.Totals.Select(total => total.Sample).OfType<byte[]>().Distinct();
        Assert.InRange(samples.Sum(sample => sample.Length), SampleCollector.MaxBytes / 2, SampleCollector.MaxBytes + EventSample.MaxBytes);
    }

    [Theory]
    [InlineData("""{"events":[5,"text",[]]}""")]
    [InlineData("""{"sent_at":5,"events":[]}""")]
    [InlineData("""{"events":[{"user_id":"u","event_type":"a"}],"sent_at":"never","field":1}""")]
    public void Samples_WithoutAnEventAtFault_AreNone(string body)
    {
        var outcome = Batch(body);

        Assert.Empty(outcome.Samples);
        Assert.All(outcome.Totals, total => Assert.Null(total.Sample));
    }

    [Fact]
    public void Samples_ValidEvent_AreNone() => Assert.Empty(Single(Event()).Samples);

    [Fact]
    public void Samples_Rows_HoldThemOnceForEachCodeAndField()
    {
        var body = """{"events":[{"user_id":1,"event_type":"a"},{"user_id":2,"event_type":"a"},{"user_id":"u","event_type":"A"}]}"""u8;
        using var parsed = TrackParser.Parse(body, Metadata, isBatch: true).Request!;
        var lines = new System.Buffers.ArrayBufferWriter<byte>();

        Rejection.Of(parsed)!.WriteRows(lines);

        Assert.Equal(
            ["""{"user_id":"number","event_type":"string(1)"}""", "", """{"user_id":"string(1)","event_type":"string(1)"}"""],
            Encoding.UTF8.GetString(lines.WrittenSpan).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(row => JsonElement.Parse(row).GetProperty("sample").GetString()));
    }

    [Fact]
    public void Samples_ArbitraryEventLikeJson_AreSmallObjectsOfShapes() =>
        Gen.OneOf(Generate.EventLike, Generate.Object, Generate.Json).Array[0, 5].Sample(events =>
        {
            var outcome = Events(events);
            Assert.All(SamplesOf(outcome), AssertIsShape);
        }, iter: 10_000);

    [Fact]
    public void Samples_ArbitraryTexts_HoldNoPartOfThem() => SecretEvent.Array[1, 4].Sample(events =>
        Assert.All(SamplesOf(Events(events)), sample =>
        {
            AssertIsShape(sample);
            Assert.DoesNotMatch("[qzxjQZXJ]{2}", sample);
        }), iter: 10_000);

    private static IEnumerable<string> SamplesOf(Outcome outcome) =>
        outcome.Samples.Values.Concat(outcome.Totals.Select(total => total.Sample).OfType<byte[]>().Select(Encoding.UTF8.GetString));

    private static void AssertIsShape(string sample)
    {
        Assert.InRange(Encoding.UTF8.GetByteCount(sample), 2, EventSample.MaxBytes);
        var fields = JsonElement.Parse(sample).EnumerateObject().ToList();
        Assert.InRange(fields.Count, 0, EventSample.MaxFields + 1);
        Assert.Equal(fields.Count, fields.DistinctBy(field => field.Name).Count());
        Assert.All(fields, field => Assert.Matches(
            @"^(((string|object|array)\(\d+\)|number|boolean|null)(, \d+ times)?|\d+ more)$", field.Value.GetString()!));
    }

    private static string SampleOf(string json) => Encoding.UTF8.GetString(EventSample.Of(Encoding.UTF8.GetBytes(json)));
}
