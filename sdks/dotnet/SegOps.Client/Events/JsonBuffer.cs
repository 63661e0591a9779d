using System.Buffers;

namespace SegOps.Client.Events;

/// <summary>Thrown inside <see cref="EventEncoder"/> only, so that an endless payload ends soon.</summary>
internal sealed class JsonTooLargeException : Exception;

/// <summary>A growing buffer for one event's JSON, which refuses to grow far beyond what any event may have.</summary>
internal sealed class JsonBuffer : IBufferWriter<byte>
{
    /// <summary>Above every event: 32,768 bytes of payload, and user_id and event_type with each character escaped.</summary>
    private const int Limit = 64 * 1024;

    private byte[] _bytes = new byte[4096];

    public int Length { get; private set; }

    public byte this[int index] => _bytes[index];

    public void Clear() => Length = 0;

    public byte[] ToArray() => _bytes.AsSpan(0, Length).ToArray();

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Lets go of what an unusually large value needed, because buffers are kept for each thread.</summary>
    public void Trim()
    {
        if (_bytes.Length > Limit)
        {
            _bytes = new byte[4096];
        }
    }

    private void Reserve(int count)
    {
        // A string asks for six bytes a character at most, so an event that is small enough never asks for more than this.
        if (Length > Limit || count > 8 * Limit)
        {
            throw new JsonTooLargeException();
        }

        if (_bytes.Length - Length < Math.Max(count, 1))
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
        }
    }
}
