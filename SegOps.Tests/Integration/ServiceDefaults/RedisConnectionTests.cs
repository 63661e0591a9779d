using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SegOps.ServiceDefaults.Redis;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.ServiceDefaults;

public sealed class RedisConnectionTests(RedisFixture redis)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(50);
    private readonly FakeTimeProvider _clock = new();
    private readonly FakeLogger<RedisConnection> _log = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AskAsync_RedisAnswers_GivesItsAnswer()
    {
        await using var connection = await ConnectAsync();

        Assert.Equal("text", await connection.AskAsync(async database => (string?)await database.ExecuteAsync("ECHO", "text"), connection.NewBudget(), Cancelled));
    }

    [Fact]
    public async Task AskAsync_NoAnswerWithinTheBudget_GivesUp()
    {
        await using var connection = await ConnectAsync();

        await Assert.ThrowsAsync<RedisUnavailableException>(() => MissAsync(connection, connection.NewBudget()));
    }

    [Fact]
    public async Task AskAsync_WhileAnAnswerIsOverdue_DoesNotWait()
    {
        await using var connection = await ConnectAsync();
        await Assert.ThrowsAsync<RedisUnavailableException>(() => MissAsync(connection, connection.NewBudget()));

        // The clock stands still: this would never end if it waited.
        await Assert.ThrowsAsync<RedisUnavailableException>(() => connection.AskAsync(Never, connection.NewBudget(), Cancelled));
    }

    [Fact]
    public async Task AskAsync_AfterTheOverdueAnswerCame_AsksAgain()
    {
        await using var connection = await ConnectAsync();
        var late = new TaskCompletionSource<bool>();
        await Assert.ThrowsAsync<RedisUnavailableException>(() => MissAsync(connection, connection.NewBudget(), late.Task));

        late.SetResult(true);

        await AnswersAsync(() => connection.AskAsync(database => database.PingAsync(), connection.NewBudget(), Cancelled));
    }

    [Fact]
    public async Task AskAsync_BudgetUsedUpByAnEarlierQuestion_DoesNotAsk()
    {
        await using var connection = await ConnectAsync();
        var budget = connection.NewBudget();
        await connection.AskAsync(
            database =>
            {
                _clock.Advance(Deadline);
                return database.PingAsync();
            },
            budget,
            Cancelled);
        var asked = false;

        await Assert.ThrowsAsync<RedisUnavailableException>(() => connection.AskAsync(_ => Task.FromResult(asked = true), budget, Cancelled));

        Assert.False(asked);
    }

    [Fact]
    public async Task RunAsync_RedisRefuses_LogsOnceWhyAndOnceThatItIsBack()
    {
        await using var connection = await ConnectAsync();
        for (var attempt = 0; attempt < 3; attempt++)
            await Assert.ThrowsAsync<RedisUnavailableException>(() => connection.RunAsync(database => database.ExecuteAsync("NO-SUCH-COMMAND")));
        await connection.RunAsync(database => database.PingAsync());

        Assert.Collection(
            _log.Collector.GetSnapshot(),
            away => Assert.Contains("unknown command", away.Message, StringComparison.OrdinalIgnoreCase),
            back => Assert.Equal("Redis is back.", back.Message));
    }

    [Theory]
    [InlineData(20, 20)]
    [InlineData(80, 50)]
    public void NewBudget_SomeOfItSpentElsewhere_IsTheSmaller(int leftMilliseconds, int expectedMilliseconds)
    {
        var connection = new RedisConnection(Options.Create(new RedisOptions { Deadline = Deadline }), _clock, _log);

        Assert.Equal(TimeSpan.FromMilliseconds(expectedMilliseconds), connection.NewBudget(TimeSpan.FromMilliseconds(leftMilliseconds)).Left);
    }

    private static Task<bool> Never(object database) => new TaskCompletionSource<bool>().Task;

    /// <summary>Asks what is not answered in time.</summary>
    private async Task MissAsync(RedisConnection connection, RedisBudget budget, Task<bool>? answer = null)
    {
        var asked = connection.AskAsync(_ => answer ?? Never(_), budget, Cancelled);
        while (!asked.IsCompleted)
        {
            _clock.Advance(Deadline); // once it waits
            await Task.WhenAny(asked, Task.Delay(5, Cancelled));
        }
        await asked;
    }

    /// <summary>The overdue answer is noticed by a continuation of its own.</summary>
    private static Task AnswersAsync(Func<Task> ask) => Eventually.IsAsync(true, async () =>
    {
        try
        {
            await ask();
            return true;
        }
        catch (RedisUnavailableException)
        {
            return false;
        }
    });

    private async Task<RedisConnection> ConnectAsync()
    {
        var options = new RedisOptions { ConnectionString = await redis.ConnectionStringAsync(), Deadline = Deadline };
        var connection = new RedisConnection(Options.Create(options), _clock, _log);
        await connection.RunAsync(database => database.PingAsync());
        return connection;
    }
}
