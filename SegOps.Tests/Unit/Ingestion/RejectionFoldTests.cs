using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SegOps.Contracts;
using SegOps.Ingestion.Publishing;
using SegOps.Ingestion.Requests;

namespace SegOps.Tests.Unit.Ingestion;

public sealed class RejectionFoldTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly RejectionFold _fold;

    public RejectionFoldTests() => _fold = new(Options.Create(new RejectionOptions { RowsPerMinute = 3 }), _clock);

    [Fact]
    public void Take_UpToTheBound_IsListed()
    {
        var rejection = Errors("p", (0, "a"), (1, "a"), (2, "a"));

        Assert.Same(rejection, _fold.Take(rejection));
        Assert.Empty(_fold.TakeSums());
    }

    [Fact]
    public void Take_BeyondTheBound_ListsTheFirstAndAddsUpTheRest()
    {
        var listed = _fold.Take(Errors("p", (0, "a"), (1, "a"), (2, "a"), (3, "b"), (4, "a"), (5, "a")));

        Assert.Equal(3, listed!.Count);
        Assert.Equal([new(Severities.Error, "b", 1), new FoldedEvents(Severities.Error, "a", 2)], Assert.Single(_fold.TakeSums()).Sums);
    }

    [Fact]
    public void Take_EventWithSeveralErrors_CountsOnceByItsFirst()
    {
        _fold.Take(Errors("p", (0, "a"), (1, "a"), (2, "a")));

        Assert.Null(_fold.Take(Errors("p", (0, "a"), (0, "b"), (1, "b"), (1, "a"))));

        Assert.Equal([new(Severities.Error, "a", 1), new FoldedEvents(Severities.Error, "b", 1)], Assert.Single(_fold.TakeSums()).Sums);
    }

    [Fact]
    public void Take_BoundWithinAnEvent_CountsItByItsListedError()
    {
        _fold.Take(Errors("p", (0, "a"), (1, "a"), (2, "a"), (2, "b"), (3, "c")));

        Assert.Equal([new FoldedEvents(Severities.Error, "c", 1)], Assert.Single(_fold.TakeSums()).Sums);
    }

    [Fact]
    public void Take_WarningsBeyondTheBound_AreAddedUp()
    {
        _fold.Take(Errors("p", (0, "a"), (1, "a"), (2, "a")));

        _fold.Take(new Rejection(Metadata("p"), [], new Dictionary<int, byte[]>(), [new("x", "w", "") { Occurrences = 4 }, new("y", "w", "") { Occurrences = 5 }], default));

        Assert.Equal([new FoldedEvents(Severities.Warning, "w", 9)], Assert.Single(_fold.TakeSums()).Sums);
    }

    [Fact]
    public void Take_OtherProject_IsListed()
    {
        _fold.Take(Errors("p", (0, "a"), (1, "a"), (2, "a"), (3, "a")));

        Assert.Equal(1, _fold.Take(Errors("q", (0, "a")))!.Count);
    }

    [Fact]
    public void Take_NextMinute_IsListed()
    {
        _fold.Take(Errors("p", (0, "a"), (1, "a"), (2, "a"), (3, "a")));
        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(1, _fold.Take(Errors("p", (0, "a")))!.Count);
    }

    [Fact]
    public void TakeSums_Twice_IsEmpty()
    {
        _fold.Take(Errors("p", (0, "a"), (1, "a"), (2, "a"), (3, "a")));
        _fold.TakeSums();

        Assert.Empty(_fold.TakeSums());
    }

    private static Rejection Errors(string project, params (int Index, string Code)[] errors) => new(
        Metadata(project), [.. errors.Select(error => new ValidationError(error.Index, "", error.Code, ""))], new Dictionary<int, byte[]>(), [], default);

    private static RequestMetadata Metadata(string project) => Parse.Metadata with { ProjectId = project };
}
