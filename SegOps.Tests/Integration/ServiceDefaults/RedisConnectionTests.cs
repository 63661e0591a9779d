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

        Assert.Equal("text", await connection.AskAsync(async database => (string?)await database.ExecuteAsync("ECHO", "text"), connection.NewDeadline(), Cancelled));
    }

    [Fact]
    public async Task AskAsync_NoAnswerWithinTheBudget_GivesUp()
    {
        await using var connection = await ConnectAsync();

        await Assert.ThrowsAsync<RedisUnavailableException>(() => MissAsync(connection, connection.NewDeadline()));
    }

    [Fact]
    public async Task AskAsync_WhileAnAnswerIsOverdue_DoesNotWait()
    {
        await using var connection = await ConnectAsync();
        await Assert.ThrowsAsync<RedisUnavailableException>(() => MissAsync(connection, connection.NewDeadline()));

        // The clock stands still: this would never end if it waited.
        await Assert.ThrowsAsync<RedisUnavailableException>(() => connection.AskAsync(Never, connection.NewDeadline(), Cancelled));
    }

    [Fact]
    public async Task AskAsync_AfterTheOverdueAnswerCame_AsksAgain()
    {
        await using var connection = await ConnectAsync();
        var late = new TaskCompletionSource<bool>();
        await Assert.ThrowsAsync<RedisUnavailableException>(() => MissAsync(connection, connection.NewDeadline(), late.Task));

        late.SetResult(true);

        await AnswersAsync(() => connection.AskAsync(database => database.PingAsync(), connection.NewDeadline(), Cancelled));
    }

    [Fact]
    public async Task AskAsync_DeadlineUsedUpByAnEarlierCommand_DoesNotAsk()
    {
        await using var connection = await ConnectAsync();
        var deadline = connection.NewDeadline();
        await connection.AskAsync(
            database =>
            {
                _clock.Advance(Deadline);
                return database.PingAsync();
            },
            deadline,
            Cancelled);
        var asked = false;

        await Assert.ThrowsAsync<RedisUnavailableException>(() => connection.AskAsync(_ => Task.FromResult(asked = true), deadline, Cancelled));

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
            unavailable => Assert.Contains("unknown command", unavailable.Message, StringComparison.OrdinalIgnoreCase),
            available => Assert.Equal("Redis is available again.", available.Message));
    }

    [Theory]
    [InlineData(20, 20)]
    [InlineData(80, 50)]
    public void NewDeadline_PartUsedUpElsewhere_IsTheSmaller(int leftMilliseconds, int expectedMilliseconds)
    {
        var connection = new RedisConnection(Options.Create(new RedisOptions { Deadline = Deadline }), _clock, _log);

        Assert.Equal(TimeSpan.FromMilliseconds(expectedMilliseconds), connection.NewDeadline(TimeSpan.FromMilliseconds(leftMilliseconds)).Left);
    }

    private static Task<bool> Never(object database) => new TaskCompletionSource<bool>().Task;

    /// <summary>Asks what is not answered in time.</summary>
    private async Task MissAsync(RedisConnection connection, RedisDeadline deadline, Task<bool>? answer = null)
    {
        var asked = connection.AskAsync(_ => answer ?? Never(_), deadline, Cancelled);
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
