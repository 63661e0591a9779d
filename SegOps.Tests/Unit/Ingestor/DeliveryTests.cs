using System.Text;
using SegOps.Contracts;
using SegOps.Ingestor.Streaming;

namespace SegOps.Tests.Unit.Ingestor;

public sealed class DeliveryTests
{
    [Fact]
    public void Delivery_OfWholeRows_CountsThemUnpacked()
    {
        var delivery = Messages.Deliver(Messages.Pack("{\"a\":1}", "{\"b\":22}"), Messages.Attributes(count: 2));

        Assert.Null(delivery.Fault);
        Assert.Equal(2, delivery.Rows);
        Assert.Equal("{\"a\":1}\n{\"b\":22}\n".Length, delivery.Bytes);
    }

    [Theory]
    [InlineData(MessageAttributes.Schema, "2", "unknown_schema")]
    [InlineData(MessageAttributes.Schema, null, "unknown_schema")]
    [InlineData(MessageAttributes.ContentEncoding, "br", "unknown_encoding")]
    [InlineData(MessageAttributes.Count, "3", "count_mismatch")]
    [InlineData(MessageAttributes.Count, null, "count_mismatch")]
    [InlineData(MessageAttributes.Count, "two", "count_mismatch")]
    public void Delivery_WithAWrongAttribute_IsAtFault(string attribute, string? value, string code)
    {
        var attributes = Messages.Attributes(count: 2);
        attributes.Remove(attribute);
        if (value is not null)
            attributes[attribute] = value;

        Assert.Equal(code, Messages.Deliver(Messages.Pack("{}", "{}"), attributes).Fault?.Code);
    }

    [Fact]
    public void Delivery_OfGarbage_IsCorrupt() =>
        Assert.Equal("corrupt_data", Messages.Deliver(Encoding.UTF8.GetBytes("not zstd at all"), Messages.Attributes(1)).Fault?.Code);

    [Fact]
    public void Delivery_CutAnywhere_IsAtFault()
    {
        var whole = Messages.Pack(Enumerable.Range(0, 50).Select(i => $"{{\"n\":{i}}}"));

        for (var length = 0; length < whole.Length; length++)
            Assert.True(Messages.Deliver(whole[..length], Messages.Attributes(50)).Fault is not null, $"a cut at {length} went unseen");
    }

    [Fact]
    public void Delivery_ThatUnpacksWithoutEnd_IsCorrupt()
    {
        var bomb = Messages.Pack(new string(' ', RowData.MaxBytes + 1));

        Assert.Equal("corrupt_data", Messages.Deliver(bomb, Messages.Attributes(1)).Fault?.Code);
    }

    [Fact]
    public void Split_OfPackedRows_GivesThemBack()
    {
        string[] rows = ["{\"a\":\"x\"}", "{\"b\":\"ü\"}", "{}"];

        var split = RowData.Split(Messages.Pack(rows)).Select(row => Encoding.UTF8.GetString(row.Span).TrimEnd('\n'));

        Assert.Equal(rows, split);
    }
}
