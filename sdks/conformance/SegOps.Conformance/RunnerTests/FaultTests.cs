using SegOps.Conformance.Playing;
using SegOps.Conformance.Reference;
using SegOps.Conformance.Scenarios;
using SegOps.Conformance.Sdks;

namespace SegOps.Conformance.RunnerTests;

/// <summary>Every scenario and every invariant can fail, and says why: with a client that breaks one rule.</summary>
public sealed class FaultTests
{
    public static TheoryData<string, string, string> Cases => new()
    {
        { "RandomIds", "01 one event", "is not a UUID of version 7" },
        { "WrongTime", "01 one event", "but occurred_at is" },
        { "OldSentAt", "01 one event", "sent_at is" },
        { "ExtraMembers", "01 one event", "not as openapi.json says" },
        { "PrintsEvents", "01 one event", "was printed" },
        { "WrongStats", "01 one event", "does not add up" },
        { "NeverCompresses", "01 one event over 1 KiB", "Content-Encoding" },
        { "IgnoresCount", "02 count trigger", "requests were expected" },
        { "Debounces", "03 interval from the oldest event", "Nothing was sent" },
        { "IdentifiesOtherwise", "04 identify", "event_type: expected context_identified" },
        { "CountsUnits", "05 values at their limits", "was refused" },
        { "NoChecks", "05 values beyond their limits", "was not dropped" },
        { "IgnoresBytes", "06 500 events of 32 KB", "16 MB were sent in" },
        { "LastInFirstOut", "07 1,200 events", "ids: expected" },
        { "SmallBatches", "07 1,200 events", "A backlog was sent in requests of" },
        { "TwoAtOnce", "07 1,200 events", "Two requests were in flight" },
        { "IgnoresErrors", "08 202 with three of 500 rejected", "were not reported" },
        { "ReportsTwice", "08 202 with three of 500 rejected", "dropped ids" },
        { "DropsWholeBatch", "09 400 validation_failed for some", "dropped ids" },
        { "NeverSplits", "10 malformed_json for one of 64", "dropped ids" },
        { "NeverSplits", "11 413 over 8 events", "accepted ids" },
        { "NoBackoff", "12 500, 502, 503, 504, 408, then 202", "The client waited" },
        { "ChangesEvents", "12 500, 502, 503, 504, 408, then 202", "with other bytes" },
        { "ChangesIds", "12 500, 502, 503, 504, 408, then 202", "ids: expected" },
        { "NoJitter", "12 jitter", "The shortest of 12 waits" },
        { "IgnoresRetryAfter", "13 503 with Retry-After in seconds", "The client waited" },
        { "FlushEndsPause", "14 rate_limited", "The client waited" },
        { "IgnoresRateLimit", "15 RateLimit r=0 on 202", "The client waited" },
        { "ProbesWithAll", "16 quota_exceeded with 7 of 20 remaining", "events of a probe" },
        { "ReportsEachProbe", "17 401 invalid_api_key", "errors of the kind configuration" },
        { "AlwaysCompresses", "18 415, then without compression", "encodings" },
        { "BelievesAnyAnswer", "19 200 with HTML", "requests were expected" },
        { "NoBackoff", "20 reset instead of an answer", "The client waited" },
        { "NoTimeout", "20 no answer", "requests were expected" },
        { "ChangesIds", "21 stored, then closed", "ids: expected" },
        { "BlocksWhenFull", "22 20,000 events while the server hangs", "No reply" },
        { "EvictsOldest", "22 20,000 events while the server hangs", "dropped ids" },
        { "LosesEvents", "23 100,000 events from 16 threads", "events sent: expected" },
        { "FlushesNothing", "24 flush during a flush", "remaining after the second flush" },
        { "ShutdownDropsAll", "25 shutdown delivers", "accepted by shutdown" },
        { "LosesSilently", "25 shutdown of a hung server", "were not dropped" },
        { "ShutdownWaits", "25 shutdown of a hung server", "No reply" },
        { "TracksAfterShutdown", "25 shutdown twice, and a track after it", "was not dropped as closed" },
        { "DiesOfCallbacks", "26 callbacks and a transport that throw", "accepted: expected 19" },
        { "SnapshotsLate", "27 payload changed after track", "status: expected before" },
        { "StaysAlive", "28 exit after everything was sent", "did not exit by itself" },
        { "NeverExpires", "29 events that are too old", "did not expire" },
        { "ForgetsBeforeAnswer", "30 torn file", "did not arrive" },
        { "DiesOfTornFiles", "30 torn file", "the driver has ended" },
        { "DiesOfFullDisks", "30 full disk", "the driver has ended" },
        { "TakesLockedFiles", "30 second process", "which was running" },
        { "NeverPersists", "30 shutdown keeps events", "did not arrive" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Scenario_ClientWithAFault_FailsAndSaysWhy(string fault, string scenario, string says)
    {
        Patience.Shorten();

        var failure = await Assert.ThrowsAsync<ConformanceException>(
            () => Run.PlayAsync(ReferenceTests.Reference(Enum.Parse<Fault>(fault)), AllScenarios.Of(scenario)));

        var broken = failure.Message.Split("\n\nRequests:")[0];
        Assert.True(broken.Contains(says, StringComparison.Ordinal), broken);
    }

    [Fact]
    public void Scenarios_AllNumbers_HaveAFaultThatFailsThem() =>
        Assert.Equal(AllScenarios.All.Select(scenario => scenario.Number).Distinct(), Cases.Select(each => int.Parse(each.Data.Item2[..2], System.Globalization.CultureInfo.InvariantCulture)).Distinct().Order());

    [Fact]
    public void Faults_All_AreShown() =>
        Assert.Equal(Enum.GetNames<Fault>().Except(["None"]).Order(), Cases.Select(each => each.Data.Item1).Distinct().Order());
}
