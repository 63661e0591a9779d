using System.Globalization;
using CsCheck;
using SegOps.Contracts;

namespace SegOps.Tests.Unit.Segments;

/// <summary>What a few users did, as rows of <c>events</c> in the order in which they are stored.</summary>
/// <param name="Batches">
/// The rows of each INSERT. No batch has two different copies of an event: ClickHouse would merge them as it does later, and a merged event has no
/// earlier receipts, which an evaluation as of an earlier time needs.
/// </param>
internal sealed record RandomHistory(IReadOnlyList<IReadOnlyList<HistoryEvent>> Batches)
{
    /// <summary>Types of events other than identifies.</summary>
    public static readonly IReadOnlyList<string> EventTypes = ["order_placed", "cart_created", "session_started"];

    /// <summary>Ids of users; one is not ASCII, and one has a quote.</summary>
    public static readonly IReadOnlyList<string> UserIds = ["u1", "u2", "ü'3", "u4"];

    /// <summary>Many payloads have one of few ids, so that sequences find the same.</summary>
    private static readonly Gen<string> Payload = Gen.Frequency(
        (5, Object(RandomValues.Number)), (5, Gen.Select(Object(RandomValues.Number), RandomValues.OneOf("1", "1.0", "2"), (json, id) => $"{json[..^1]},\"id\":{id}}}")), (1, Gen.Const("{}")));

    private static readonly Gen<string> Traits = Gen.Frequency((9, Object(RandomValues.AnyNumber)), (1, Gen.Const("{}")));

    /// <summary>
    /// How much later than it occurred an event is received. A negative one is a clock that is ahead. Many are at once, some after <see cref="RandomValues.Now"/>.
    /// </summary>
    private static readonly Gen<TimeSpan> Delay = Gen.Frequency(
        (6, Gen.Int[0, 5].Select(seconds => TimeSpan.FromSeconds(seconds))),
        (2, Gen.Int[0, 36 * 60].Select(minutes => TimeSpan.FromMinutes(minutes))),
        (1, Gen.Int[0, 90].Select(minutes => TimeSpan.FromMinutes(-minutes))));

    /// <summary>A copy's occurrence relative to the first one: often the same; without a time of its own, that of its receipt.</summary>
    private static readonly Gen<TimeSpan> Shift = Gen.Frequency(
        (3, Gen.Const(TimeSpan.Zero)), (2, Gen.Int[-23 * 60, 23 * 60].Select(minutes => TimeSpan.FromMinutes(minutes))), (1, Gen.Int[-1, 1].Select(micros => TimeSpan.FromMicroseconds(micros))));

    /// <summary>The copies of one event, in the order of their receipt.</summary>
    private static readonly Gen<HistoryEvent[]> Copies = Gen.Select(
        Gen.Select(Gen.Int[0, UserIds.Count - 1], Gen.Int[-2, EventTypes.Count - 1], Gen.Guid.Where(id => id != Guid.Empty), Gen.Int[0, 3]),
        RandomValues.Time, Delay, Gen.Select(Payload, Traits), Gen.Frequency((3, Gen.Int[0, 0]), (1, Gen.Int[1, 3])).SelectMany(more => Gen.Select(Shift, Gen.Int[0, 40 * 60]).Array[more]),
        (who, at, delay, payloads, copies) =>
        {
            var (user, type, id, position) = who;
            var isIdentify = type < 0;
            var first = new HistoryEvent(
                UserIds[user], isIdentify ? EventColumns.IdentifyType : EventTypes[type], id, at, at + delay, position, isIdentify ? payloads.Item2 : payloads.Item1);
            return copies.Select(copy => first with { OccurredAt = at + copy.Item1, ReceivedAt = first.ReceivedAt.AddMinutes(copy.Item2) }).Prepend(first).ToArray();
        });

    /// <summary>Histories of up to 80 events.</summary>
    public static readonly Gen<RandomHistory> Any = Gen.Select(Copies.Array[0, 80], Gen.Int[0, int.MaxValue]).Select(Store);

    /// <summary>Times to evaluate a rule at: <see cref="RandomValues.Now"/>, or one that is before some receipts.</summary>
    public static readonly Gen<DateTimeOffset> Nows = Gen.Frequency((2, Gen.Const(RandomValues.Now)), (1, RandomValues.Time));

    /// <summary>All rows.</summary>
    public IEnumerable<HistoryEvent> Rows => Batches.SelectMany(static rows => rows);

    /// <summary>The rows of a user.</summary>
    public IEnumerable<HistoryEvent> Of(string userId) => Rows.Where(row => row.UserId == userId);

    /// <summary>The users with a row, whom rules are evaluated for.</summary>
    public IEnumerable<string> Users => Rows.Select(static row => row.UserId).Distinct();

    /// <summary>The history by another prefix of its users' ids, so that several are in one project.</summary>
    public RandomHistory WithUsers(string prefix) =>
        new([.. Batches.Select(rows => (IReadOnlyList<HistoryEvent>)[.. rows.Select(row => row with { UserId = prefix + row.UserId })])]);

    /// <summary>For a failed test: the rows, one a line.</summary>
    public override string ToString() => string.Join('\n', Batches.SelectMany((rows, batch) => rows.Select(row => string.Create(
        CultureInfo.InvariantCulture, $"{batch}: {row.UserId} {row.EventType} {row.EventId} {row.OccurredAt:O} {row.ReceivedAt:O} {row.Position} {row.Payload}"))));

    /// <summary>Puts the first copies into one batch, the second ones into another, and so on, each in some order, and some rows twice.</summary>
    private static RandomHistory Store((HistoryEvent[][] Events, int Order) drawn)
    {
        var random = new Random(drawn.Order);
        var batches = new List<IReadOnlyList<HistoryEvent>>();
        for (var copy = 0; drawn.Events.Any(copies => copies.Length > copy); copy++)
        {
            var rows = drawn.Events.Where(copies => copies.Length > copy).Select(copies => copies[copy]).ToArray();
            random.Shuffle(rows);
            batches.Add([.. rows, .. rows.Where(_ => random.Next(10) == 0)]);
        }

        // A retry can be stored before the first attempt.
        var shuffled = batches.ToArray();
        random.Shuffle(shuffled);
        return new(shuffled);
    }

    private static Gen<string> Object(Gen<string> number) => Member(number).Array[1, 9].Select(members => $"{{{string.Join(',', members)}}}");

    /// <summary>A member: mostly of the type that rules expect of its name, or null, or of another type.</summary>
    private static Gen<string> Member(Gen<string> number)
    {
        var address = Gen.Select(Value(RandomValues.JsonText, number), Value(number, number), Gen.Int[0, 3], (city, zip, form) => form switch
        {
            0 => $"{{\"city\":{city}}}",
            1 => $"{{\"geo\":{{\"zip\":{zip}}},\"city\":{city}}}",
            2 => $"{{\"city\":null,\"geo\":{zip}}}",
            _ => "{}",
        });
        return Gen.Frequency(
            (3, Named("plan", RandomValues.JsonText)), (3, Named("total", number)), (1, Named("active", RandomValues.OneOf("true", "false"))), (3, Named("tags", RandomValues.List)),
            (3, Named("signed_up_at", RandomValues.TimeText)), (3, Named("address", address)), (1, Named("a.b", RandomValues.JsonText)), (1, Named("c\\d", number)),
            (1, Named("grösse", number)), (1, Named("plan", Gen.Const("{\"inner\":1,\"inner\":\"free\"}"))), (4, Named("id", RandomValues.OneOf("1", "1", "1.0", "\"1\"", "2", "true", "[1]"))));

        Gen<string> Named(string name, Gen<string> natural) =>
            Gen.Select(Value(natural, number), Gen.Bool, (value, isRelaxed) => $"{RandomValues.Quote(name, isRelaxed)}:{value}");
    }

    private static Gen<string> Value(Gen<string> natural, Gen<string> number) => Gen.Frequency(
        (7, natural), (1, Gen.Const("null")), (1, RandomValues.OneOf("\"\"", "true", "false", "[]", "{}")), (1, Gen.OneOf(RandomValues.JsonText, number)));
}
