using System.Runtime.InteropServices;
using System.Text;

namespace SegOps.EmbeddedClickHouse.Engine;

/// <summary>Texts for the C interface: an array of UTF-8 pointers and an array of lengths.</summary>
internal sealed unsafe class NativeTexts : IDisposable
{
    private readonly int _count;

    public NativeTexts(IReadOnlyCollection<string> texts)
    {
        _count = texts.Count;
        Pointers = (byte**)NativeMemory.AllocZeroed((nuint)_count + 1, (nuint)sizeof(nint));
        Lengths = (nuint*)NativeMemory.AllocZeroed((nuint)_count + 1, (nuint)sizeof(nuint));
        var index = 0;
        foreach (var text in texts)
        {
            var length = Encoding.UTF8.GetByteCount(text);
            var bytes = (byte*)NativeMemory.Alloc((nuint)length + 1);
            Encoding.UTF8.GetBytes(text, new Span<byte>(bytes, length));
            bytes[length] = 0;
            Pointers[index] = bytes;
            Lengths[index++] = (nuint)length;
        }
    }

    /// <summary>The zero-terminated texts.</summary>
    public byte** Pointers { get; }

    /// <summary>The lengths in bytes, without the zero.</summary>
    public nuint* Lengths { get; }

    public void Dispose()
    {
        for (var index = 0; index < _count; index++)
            NativeMemory.Free(Pointers[index]);
        NativeMemory.Free(Pointers);
        NativeMemory.Free(Lengths);
    }
}
