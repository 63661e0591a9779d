using System.Buffers;
using System.Text;
using System.Text.Json;
using CommunityToolkit.HighPerformance.Buffers;
using SegOps.Ingestion.Parsing;

namespace SegOps.Tests.Unit.Ingestion;

/// <summary>Texts are looked through in blocks of sixteen bytes, so that what matters is where in a block, and how far from the end, an escape lies.</summary>
public sealed class JsonEscapeTests
{
    private const int Longest = 70;

    [Theory]
    [InlineData("\"")]
    [InlineData("\\")]
    [InlineData("\n")]
    [InlineData("\0")]
    [InlineData("\u001f")]
    public void Write_CharacterToEscapeAtAnyPlaceOfAnyLength_IsReadBackAsItWas(string character)
    {
        for (var length = 1; length <= Longest; length++)
            for (var at = 0; at < length; at++)
                AssertReadBack(new string('a', at) + character + new string('b', length - at - 1));
    }

    [Theory]
    [InlineData("\"\0")]
    [InlineData("a\"")]
    [InlineData("é\"\"")]
    [InlineData(" !#[]\u007f😀")]
    public void Write_SameOverAndOver_IsReadBackAsItWas(string part)
    {
        for (var times = 0; times <= Longest; times++)
            AssertReadBack(string.Concat(Enumerable.Repeat(part, times)));
    }

    private static void AssertReadBack(string text)
    {
        using var buffer = new ArrayPoolBufferWriter<byte>(initialCapacity: 16);
        buffer.Write("\""u8);
        JsonEscape.Write(buffer, Encoding.UTF8.GetBytes(text));
        buffer.Write("\""u8);

        Assert.Equal(text, JsonSerializer.Deserialize<string>(buffer.WrittenSpan));
    }
}
