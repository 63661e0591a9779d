using System.Reflection;
using SegOps.Contracts;
using SegOps.Monitoring.Errors;

namespace SegOps.Tests.Unit.Monitoring;

public sealed class ErrorHintsTests
{
    /// <summary>The refusals of whole requests that Ingestion notes in the list of errors.</summary>
    private static readonly string[] OfRequests =
    [
        ErrorCodes.MalformedJson, ErrorCodes.BatchEmpty, ErrorCodes.BatchTooLarge, ErrorCodes.BodyTooLarge, ErrorCodes.UnsupportedMediaType,
        ErrorCodes.QuotaExceeded,
    ];

    [Fact]
    public void Codes_All_AreThoseThatTheListOfErrorsCanHold() => Assert.Equal(
        new[] { typeof(EventErrorCodes), typeof(WarningCodes) }
            .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static))
            .Select(constant => (string)constant.GetRawConstantValue()!)
            .Concat(OfRequests).Order(StringComparer.Ordinal),
        ErrorHints.Codes.Order(StringComparer.Ordinal));

    [Fact]
    public void Of_EveryCode_IsASentenceOrTwo() => Assert.All(ErrorHints.Codes, code => Assert.Matches(@"^[A-Z].{20,250}\.$", ErrorHints.Of(code)));

    [Fact]
    public void Of_CodeNewerThanThisBuild_SaysWhereToLook() => Assert.NotEmpty(ErrorHints.Of("newer"));
}
