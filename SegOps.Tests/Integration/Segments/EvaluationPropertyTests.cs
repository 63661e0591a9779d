using CsCheck;
using SegOps.Segments.Evaluation;
using SegOps.Segments.Rules;
using SegOps.Tests.Fixtures;
using SegOps.Tests.Unit.Segments;
using UserCheck = SegOps.Segments.Evaluation.Check;

namespace SegOps.Tests.Integration.Segments;

/// <summary>Compares the SQL of random rules over random histories with the specification, <see cref="NaiveEvaluator"/>.</summary>
public sealed class EvaluationPropertyTests(ClickHouseFixture clickHouse)
{
    /// <summary>Time for which a result that never changes is looked at.</summary>
    private static readonly TimeSpan Horizon = TimeSpan.FromDays(30);

    [Fact]
    public Task Evaluate_RandomRulesOverRandomHistories_IsWhatTheSpecificationSays() => CompareAsync(seed: 1, histories: 15, rules: 30);

    [Fact(Explicit = true)]
    [Trait("Stage", "long")]
    public Task Evaluate_ManyRandomRulesOverRandomHistories_IsWhatTheSpecificationSays() => CompareAsync((uint)Random.Shared.Next(), histories: 50, rules: 300);

    [Fact]
    public async Task Evaluate_RulesTogether_IsAsEachAlone()
    {
        var random = new PCG(2);
        using var stored = await SegmentHistory.CreateAsync(clickHouse);
        await stored.StoreAsync(Enumerable.Range(0, 15).SelectMany(i => Draw(RandomHistory.Any, random).WithUsers($"{i}-").Batches));
        for (var i = 0; i < 5; i++)
        {
            List<Rule> rules = [.. Enumerable.Range(0, 25).Select(_ => Draw(RandomRules.Any, random).Rule)];
            var now = Draw(RandomHistory.Nows, random);
            List<Dictionary<string, Evaluated>> alone = [];
            foreach (var rule in rules)
                alone.Add(await stored.EvaluateAsync(rule, now));

            foreach (var (user, matched, next) in await stored.EvaluateTogetherAsync(new AllOf(rules), now))
            {
                Assert.Equal(alone.Select(results => results[user].Matched), matched);
                Assert.Equal(alone.Min(results => results[user].Next), next);
            }
        }
    }

    /// <summary>Above 10 and 21 conditions the columns of the statement are others.</summary>
    [Theory]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(RuleLimits.MaxConditions)]
    public async Task Preview_OfManyConditions_CountsTheUsersOfEach(int conditions)
    {
        var random = new PCG((uint)conditions);
        using var stored = await SegmentHistory.CreateAsync(clickHouse);
        var history = Draw(RandomHistory.Any, random);
        await stored.StoreAsync(history.Batches);
        var users = history.Rows.GroupBy(static row => row.UserId).ToDictionary(static rows => rows.Key, static rows => rows.ToList());
        List<Rule> all = [];
        while (all.Count < conditions)
            all.AddRange(RuleConditions.Of(Draw(RandomRules.Any, random).Rule).Select(static each => each.Condition).Take(conditions - all.Count));
        var rule = new AnyOf([new AllOf(all[..(conditions / 2)]), new Not(new AnyOf(all[(conditions / 2)..]))]);

        var preview = await PreviewQuery.RunAsync(stored.Runner, SegmentHistory.Of(rule, RandomValues.Now), TestContext.Current.CancellationToken);

        CompareWithPreview(rule, RandomValues.Now, users, await stored.EvaluateAsync(rule, RandomValues.Now), preview);
        var checks = new List<UserCheck>();
        foreach (var user in users.Keys)
            checks.Add(await CheckQuery.RunAsync(stored.Runner, SegmentHistory.Of(rule, RandomValues.Now, user), TestContext.Current.CancellationToken));
        Assert.Equal(
            Enumerable.Range(0, conditions).Select(i => (long)checks.Count(check => check.Conditions[i].State == "other_type")),
            preview.Conditions.Select(static counts => counts.OtherType));
    }

    private async Task CompareAsync(uint seed, int histories, int rules)
    {
        var random = new PCG(seed);
        using var stored = await SegmentHistory.CreateAsync(clickHouse);
        var drawn = Enumerable.Range(0, histories).Select(i => Draw(RandomHistory.Any, random).WithUsers($"{i}-")).ToList();
        await stored.StoreAsync(Enumerable.Range(0, drawn.Max(history => history.Batches.Count))
            .Select(batch => drawn.SelectMany(history => history.Batches.ElementAtOrDefault(batch) ?? [])));
        var users = drawn.SelectMany(history => history.Rows).GroupBy(row => row.UserId).ToDictionary(rows => rows.Key, rows => rows.ToList());

        for (var i = 0; i < rules; i++)
        {
            var (json, rule) = Draw(RandomRules.Any, random);
            var now = Draw(RandomHistory.Nows, random);
            try
            {
                var results = await stored.EvaluateAsync(rule, now);
                Assert.Equal(users.Keys.Order(), results.Keys.Order());
                foreach (var (user, result) in results)
                    CompareWithSpecification(rule, now, user, users[user], result);

                var one = users.Keys.ElementAt(i % users.Count);
                Assert.Equal([KeyValuePair.Create(one, results[one])], await stored.EvaluateAsync(rule, now, one));
                CompareWithPreview(rule, now, users, results, await PreviewQuery.RunAsync(stored.Runner, SegmentHistory.Of(rule, now), TestContext.Current.CancellationToken));
                CompareWithCheck(rule, now, users[one], results[one], await CheckQuery.RunAsync(stored.Runner, SegmentHistory.Of(rule, now, one), TestContext.Current.CancellationToken));
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Seed {seed}, rule {i}, now {now:O}: {json}", exception);
            }
        }
    }

    private static void CompareWithPreview(
        Rule rule, DateTimeOffset now, Dictionary<string, List<HistoryEvent>> users, Dictionary<string, Evaluated> results, Preview preview)
    {
        Assert.Equal((results.Values.Count(result => result.Matched), users.Count), (preview.Count, preview.Users));
        Assert.Equal(Math.Min(preview.Count, PreviewQuery.MaxSamples), preview.Samples.Distinct().Count(user => results[user].Matched));
        foreach (var (leaf, counts) in Leaf.Of(rule).Zip(preview.Conditions))
        {
            Assert.Equal((leaf.Path, users.Values.Count(rows => new NaiveEvaluator(rows, now).Matches(leaf.Condition))), (counts.Path, counts.Users));
            Assert.Equal(Without(rule, leaf.Condition) is { } rest ? users.Values.Count(rows => new NaiveEvaluator(rows, now).Matches(rest)) : users.Count, counts.WithoutIt);
            Assert.Equal(preview.Patterns!.Where(pattern => pattern.Bits[leaf.Index] == '1').Sum(pattern => pattern.Users), counts.Users);
            if (leaf.Condition is TraitCondition trait)
            {
                var isUnset = trait with { Predicate = new Predicate(Operator.IsNotSet, [], false) };
                Assert.Equal(users.Values.Count(rows => new NaiveEvaluator(rows, now).Matches(isUnset)), counts.Unset);
            }
        }
        Assert.Equal(users.Count, preview.Patterns!.Sum(pattern => pattern.Users));
    }

    /// <summary>The rule without a condition; null if nothing is left.</summary>
    private static Rule? Without(Rule rule, Rule condition)
    {
        return rule switch
        {
            AllOf all => Rest(all.Rules) is { Count: > 0 } rest ? new AllOf(rest) : null,
            AnyOf any => Rest(any.Rules) is { Count: > 0 } rest ? new AnyOf(rest) : null,
            Not not => Without(not.Rule, condition) is { } inner ? new Not(inner) : null,
            _ => ReferenceEquals(rule, condition) ? null : rule,
        };

        List<Rule> Rest(IEnumerable<Rule> rules) => [.. rules.Select(each => Without(each, condition)).OfType<Rule>()];
    }

    private static void CompareWithCheck(Rule rule, DateTimeOffset now, List<HistoryEvent> rows, Evaluated result, UserCheck check)
    {
        Assert.Equal((true, result.Matched, result.Next), (check.Known, check.Match, check.NextChangeAt));
        Assert.Equal(Leaf.Of(rule).Select(leaf => new NaiveEvaluator(rows, now).Matches(leaf.Condition)), check.Conditions.Select(condition => condition.Match));
    }

    private static void CompareWithSpecification(Rule rule, DateTimeOffset now, string user, List<HistoryEvent> rows, Evaluated result)
    {
        Assert.True(new NaiveEvaluator(rows, now).Matches(rule) == result.Matched, $"{user} is not {result.Matched}:\n{string.Join('\n', rows)}");

        Assert.True(result.Next is null || result.Next > now, $"{user} changed at {result.Next:O}");
        var end = result.Next?.AddMicroseconds(-1) ?? now + Horizon;
        foreach (var later in Between(now, end, rows))
        {
            Assert.True(
                new NaiveEvaluator(rows, later).Matches(rule) == result.Matched,
                $"{user} changes by {later:O}, before {result.Next:O}:\n{string.Join('\n', rows)}");
        }
    }

    /// <summary>The end, and times after and at which windows of the rows begin or end, at most a few.</summary>
    private static IEnumerable<DateTimeOffset> Between(DateTimeOffset now, DateTimeOffset end, List<HistoryEvent> rows) =>
        rows.SelectMany(row => RandomValues.Durations.Select(duration => row.OccurredAt + duration.Span).Append(row.OccurredAt).Append(row.ReceivedAt))
            .SelectMany(static time => new[] { time, time.AddMicroseconds(1) })
            .Where(time => time > now && time <= end).Order().Take(12).Append(end);

    private static T Draw<T>(Gen<T> gen, PCG random) => gen.Generate(random, null, out _);
}
