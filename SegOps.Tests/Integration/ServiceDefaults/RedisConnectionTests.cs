using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SegOps.ServiceDefaults.Redis;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.ServiceDefaults;

public sealed class RedisConnectionTests(RedisFixture redis)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Lookup = TimeSpan.FromSeconds(1);
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
    public async Task AskAsync_LittleOfTheDeadlineWasLeft_DoesNotSendOthersPastRedis()
    {
        await using var connection = await ConnectAsync();
        var little = connection.NewDeadline(TimeSpan.FromMilliseconds(1));
        await Assert.ThrowsAsync<RedisUnavailableException>(() => MissAsync(connection, little, step: TimeSpan.FromMilliseconds(1)));

        Assert.Equal("text", await connection.AskAsync(async database => (string?)await database.ExecuteAsync("ECHO", "text"), connection.NewDeadline(), Cancelled));
    }

    [Fact]
    public async Task AskAsync_LookupWhileAnAnswerIsOverdue_AsksNevertheless()
    {
        await using var connection = await ConnectAsync();
        await Assert.ThrowsAsync<RedisUnavailableException>(() => MissAsync(connection, connection.NewDeadline()));

        Assert.Equal("text", await connection.AskAsync(async database => (string?)await database.ExecuteAsync("ECHO", "text"), connection.NewLookupDeadline(), Cancelled));
    }

    [Fact]
    public async Task AskAsync_LookupWhileAnAnswerIsOverdueForLonger_DoesNotWait()
    {
        await using var connection = await ConnectAsync();
        await Assert.ThrowsAsync<RedisUnavailableException>(() => MissAsync(connection, connection.NewLookupDeadline(), step: Lookup));

        await Assert.ThrowsAsync<RedisUnavailableException>(() => connection.AskAsync(Never, connection.NewLookupDeadline(), Cancelled));
    }

    [Fact]
    public async Task AskAsync_AfterTheOverdueAnswerCame_AsksAgain()
    {
        await using var connection = await ConnectAsync();
        var late = new TaskCompletionSource<bool>();
        await Assert.ThrowsAsync<RedisUnavailableException>(() => MissAsync(connection, connection.NewDeadline(), late.Task));

        late.SetResult(true);

        await Eventually.IsAsync(true, () => AnswersAsync(connection));
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
    public async Task RunAsync_RedisRefusesSomeCommandsAndExecutesOthers_LogsWhyOnceAMinute()
    {
        await using var connection = await ConnectAsync();
        for (var attempt = 0; attempt < 3; attempt++)
        {
            await Assert.ThrowsAsync<RedisUnavailableException>(() => connection.RunAsync(database => database.ExecuteAsync("NO-SUCH-COMMAND")));
            await connection.RunAsync(database => database.PingAsync());
        }

        Assert.Contains("unknown command", Assert.Single(_log.Collector.GetSnapshot()).Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task RunAsync_RedisStoppedAndStartedAgain_LogsOnceEach()
    {
        await using var own = await OwnRedis.StartAsync();
        await using var connection = await ConnectAsync(own.ConnectionString);

        await own.StopAsync();
        await Eventually.IsAsync(false, () => AnswersAsync(connection));
        await Assert.ThrowsAsync<RedisUnavailableException>(() => connection.RunAsync(database => database.PingAsync()));
        await own.StartAgainAsync();
        await Eventually.IsAsync(true, () => AnswersAsync(connection));

        Assert.Collection(
            _log.Collector.GetSnapshot().Where(entry => entry.Message.StartsWith("Redis is", StringComparison.Ordinal)), // It may refuse commands while it loads.
            unavailable => Assert.StartsWith("Redis is unavailable", unavailable.Message, StringComparison.Ordinal),
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
    private async Task MissAsync(RedisConnection connection, RedisDeadline deadline, Task<bool>? answer = null, TimeSpan? step = null)
    {
        var asked = connection.AskAsync(_ => answer ?? Never(_), deadline, Cancelled);
        while (!asked.IsCompleted)
        {
            _clock.Advance(step ?? Deadline); // once it waits
            await Task.WhenAny(asked, Task.Delay(5, Cancelled));
        }
        await asked;
    }

    private static async Task<bool> AnswersAsync(RedisConnection connection)
    {
        try
        {
            await connection.AskAsync(database => database.PingAsync(), connection.NewDeadline(), Cancelled);
            return true;
        }
        catch (RedisUnavailableException)
        {
            return false;
        }
    }

    private async Task<RedisConnection> ConnectAsync(string? connectionString = null)
    {
        var options = new RedisOptions { ConnectionString = connectionString ?? await redis.ConnectionStringAsync(), Deadline = Deadline, LookupDeadline = Lookup };
        var connection = new RedisConnection(Options.Create(options), _clock, _log);
        await connection.RunAsync(database => database.PingAsync());
        return connection;
    }
}
