using System.Security.Cryptography;

namespace SegOps.Client.Events;

/// <summary>
/// UUIDs of version 7 (RFC 9562). Ids made within one millisecond ascend: the 42 bits after the time are a counter that begins at random,
/// with its first bit 0 so that it cannot overflow soon. The last 32 bits are random in every id.
/// </summary>
internal sealed class EventIds
{
    private const long CounterEnd = 1L << 42;

    private static readonly RandomNumberGenerator Generator = RandomNumberGenerator.Create();

    /// <summary>Random bytes are drawn in blocks, because each draw is a call of the system.</summary>
    private readonly byte[] _random = new byte[1024];
    private readonly object _lock = new();
    private int _used = 1024;
    private long _milliseconds;
    private long _counter;

    public Guid Next(DateTimeOffset now)
    {
        lock (_lock)
        {
            var milliseconds = now.ToUnixTimeMilliseconds();
            if (milliseconds > _milliseconds)
            {
                Restart(milliseconds);
            }
            else if (++_counter == CounterEnd)
            {
                Restart(_milliseconds + 1);
            }

            var tail = Draw(4);
            return new Guid(
                (int)(_milliseconds >> 16),
                (short)_milliseconds,
                (short)(0x7000 | (_counter >> 30)),
                (byte)(0x80 | ((_counter >> 24) & 0x3f)),
                (byte)(_counter >> 16),
                (byte)(_counter >> 8),
                (byte)_counter,
                _random[tail],
                _random[tail + 1],
                _random[tail + 2],
                _random[tail + 3]);
        }
    }

    private void Restart(long milliseconds)
    {
        _milliseconds = milliseconds;
        _counter = BitConverter.ToInt64(_random, Draw(8)) & ((CounterEnd >> 1) - 1);
    }

    /// <summary>The offset of <paramref name="count"/> random bytes that were not used before.</summary>
    private int Draw(int count)
    {
        if (_used + count > _random.Length)
        {
            Generator.GetBytes(_random);
            _used = 0;
        }

        _used += count;
        return _used - count;
    }
}
