using System.Globalization;
using System.Reflection;
using SegOps.Contracts;

namespace SegOps.Tests.Unit.Docs;

/// <summary>Holds docs/api.md against the contract.</summary>
public sealed class ApiDocTests
{
    private static readonly string Page = Repository.Read("docs/api.md");

    public static TheoryData<string> Codes => [.. new[] { typeof(ErrorCodes), typeof(EventErrorCodes), typeof(WarningCodes) }
        .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static))
        .Select(constant => (string)constant.GetValue(null)!)];

    [Theory]
    [MemberData(nameof(Codes))]
    public void ApiPage_EveryCode_IsDescribed(string code) => Assert.Contains($"`{code}`", Page, StringComparison.Ordinal);

    [Theory]
    [InlineData(EventLimits.MaxUserIdLength)]
    [InlineData(EventLimits.MaxEventTypeLength)]
    [InlineData(EventLimits.MaxPayloadBytes)]
    [InlineData(EventLimits.MaxPayloadDepth)]
    [InlineData(EventLimits.MaxBatchEvents)]
    [InlineData(EventLimits.MaxSingleBodyBytes)]
    [InlineData(EventLimits.MaxBatchBodyBytes)]
    public void ApiPage_EveryLimit_IsStated(int limit) =>
        Assert.Contains(limit.ToString("N0", CultureInfo.InvariantCulture), Page, StringComparison.Ordinal);
}
