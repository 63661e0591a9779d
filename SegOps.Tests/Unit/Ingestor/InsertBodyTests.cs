using System.Text;
using SegOps.Warehouse;

namespace SegOps.Tests.Unit.Ingestor;

public sealed class InsertBodyTests
{
    [Fact]
    public void DeduplicationToken_SameRows_IsTheSame() => Assert.Equal(Token("a", "b"), Token("a", "b"));

    [Fact]
    public void DeduplicationToken_OtherRows_Differs() => Assert.NotEqual(Token("a", "b"), Token("a", "c"));

    [Fact]
    public async Task ToContent_OfPieces_SendsThemOneAfterTheOther()
    {
        using var content = Body("{\"a\":1}\n", "{\"b\":2}\n").ToContent();

        Assert.Equal("{\"a\":1}\n{\"b\":2}\n", await content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(16, content.Headers.ContentLength);
        Assert.Equal(["zstd"], content.Headers.ContentEncoding);
    }

    private static string Token(params string[] pieces) => Body(pieces).DeduplicationToken();

    private static InsertBody Body(params string[] pieces) =>
        new([.. pieces.Select(piece => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(piece))], "zstd");
}
