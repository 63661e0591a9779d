using System.Reflection;
using SegOps.Contracts;

namespace SegOps.Tests.Unit.Contracts;

public sealed class ErrorCatalogTests
{
    public static TheoryData<string> AllCodes() =>
        [.. typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!)];

    [Theory]
    [MemberData(nameof(AllCodes))]
    public void StatusOf_EveryErrorCode_IsAnErrorStatus(string code) => Assert.InRange(ErrorCatalog.StatusOf(code), 400, 599);

    [Fact]
    public void Codes_OfTheCatalogue_AreExactlyTheContractsCodes() =>
        Assert.Equal(AllCodes().Select(row => row.Data).Order(), ErrorCatalog.Codes.Order());

    [Theory]
    [InlineData(404, ErrorCodes.NotFound)]
    [InlineData(405, ErrorCodes.MethodNotAllowed)]
    [InlineData(408, ErrorCodes.RequestTimeout)]
    [InlineData(413, ErrorCodes.BodyTooLarge)]
    [InlineData(415, ErrorCodes.UnsupportedMediaType)]
    [InlineData(418, ErrorCodes.BadRequest)]
    [InlineData(500, ErrorCodes.InternalError)]
    [InlineData(504, ErrorCodes.UpstreamUnavailable)]
    public void CodeFor_AStatusWithoutACode_NamesItsKind(int status, string code) => Assert.Equal(code, ErrorCatalog.CodeFor(status));
}
