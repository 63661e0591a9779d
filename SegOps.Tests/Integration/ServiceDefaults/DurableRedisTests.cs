using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using SegOps.ServiceDefaults.Redis;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.ServiceDefaults;

/// <summary>Changes that wait for Redis's disk. A front has a script answer WAITAOF, because the redis-server of the tests can be older than 7.2.</summary>
public sealed class DurableRedisTests(RedisFixture redis)
{
    [Theory]
    [InlineData("return {1, 0}")]
    [InlineData("return redis.error_reply(\"ERR unknown command 'WAITAOF'\")")]
    [InlineData("return redis.error_reply('ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.')")]
    public async Task ChangeAsync_OnDiskOrRedisCannotTell_ReturnsTheResult(string script)
    {
        await using var front = new WaitAofFront(await redis.ConnectionStringAsync(), script);
        await using var durable = Connect(front);

        Assert.True(await durable.ChangeAsync(database => database.StringSetAsync(Unique.Name("test_"), 1)));
        Assert.Equal(1, front.Asked);
    }

    [Fact]
    public async Task ChangeAsync_NotOnDiskInTime_SaysThatTheChangeIsUncertain()
    {
        await using var front = new WaitAofFront(await redis.ConnectionStringAsync(), "return {0, 0}");
        await using var durable = Connect(front);

        await Assert.ThrowsAsync<RedisUnavailableException>(() => durable.ChangeAsync(database => database.StringSetAsync(Unique.Name("test_"), 1)));
    }

    [Fact]
    public async Task ReadAsync_Always_DoesNotWaitForTheDisk()
    {
        await using var front = new WaitAofFront(await redis.ConnectionStringAsync(), "return {0, 0}");
        await using var durable = Connect(front);

        await durable.ReadAsync(database => database.PingAsync());

        Assert.Equal(0, front.Asked);
    }

    private static DurableRedis Connect(WaitAofFront front) => new(
        Options.Create(new RedisOptions { ConnectionString = front.ConnectionString, CommandTimeout = TimeSpan.FromSeconds(30) }),
        TimeProvider.System,
        new FakeLogger<RedisConnection>());

    /// <summary>Forwards to a Redis, and a script in place of each WAITAOF.</summary>
    private sealed class WaitAofFront : IAsyncDisposable
    {
        private const string WaitAof = "*4\r\n$7\r\nWAITAOF\r\n$1\r\n1\r\n$1\r\n0\r\n$4\r\n5000\r\n";
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _end = new();
        private readonly DnsEndPoint _redis;
        private readonly string _eval;
        private int _asked;

        public WaitAofFront(string redis, string script)
        {
            var parts = redis.Split(',')[0].Split(':');
            _redis = new(parts[0], int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture));
            _eval = $"*3\r\n$4\r\nEVAL\r\n${script.Length}\r\n{script}\r\n$1\r\n0\r\n";
            _listener.Start();
            _ = AcceptAsync();
        }

        public string ConnectionString => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

        public int Asked => _asked;

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            _listener.Dispose();
            _end.Dispose();
        }

        private async Task AcceptAsync()
        {
            while (true)
                _ = ForwardAsync(await _listener.AcceptTcpClientAsync(_end.Token));
        }

        private async Task ForwardAsync(TcpClient accepted)
        {
            using var client = accepted;
            using var server = new TcpClient();
            await server.ConnectAsync(_redis.Host, _redis.Port, _end.Token);
            _ = server.GetStream().CopyToAsync(client.GetStream(), _end.Token);
            var buffer = new byte[64 * 1024];
            var commands = "";
            while (await client.GetStream().ReadAsync(buffer, _end.Token) is > 0 and var read)
            {
                commands += Encoding.Latin1.GetString(buffer, 0, read);
                Interlocked.Add(ref _asked, commands.Split(WaitAof).Length - 1);
                commands = commands.Replace(WaitAof, _eval, StringComparison.Ordinal);

                // The beginning of WAITAOF waits for its rest.
                var begun = Enumerable.Range(1, WaitAof.Length - 1).LastOrDefault(length => commands.EndsWith(WaitAof[..length], StringComparison.Ordinal));
                await server.GetStream().WriteAsync(Encoding.Latin1.GetBytes(commands[..^begun]), _end.Token);
                commands = commands[^begun..];
            }
        }
    }
}
