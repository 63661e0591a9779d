using Microsoft.Extensions.Options;

namespace SegOps.Client.Tests;

public class OptionsTests
{
    public static TheoryData<Action<SegOpsOptions>, string> Faults => new()
    {
        { o => o.ApiKey = "", "ApiKey" },
        { o => o.ApiKey = "sk_test\n", "ApiKey" },
        { o => o.ApiUrl = new Uri("/relative", UriKind.Relative), "ApiUrl" },
        { o => o.ApiUrl = new Uri("ftp://segops.test"), "ApiUrl" },
        { o => o.ApiUrl = new Uri("http://segops.test"), "ApiUrl" },
        { o => o.FlushAt = 0, "FlushAt" },
        { o => o.FlushInterval = TimeSpan.Zero, "FlushInterval" },
        { o => o.MaxBatchBytes = 10_485_761, "MaxBatchBytes" },
        { o => o.MaxQueueEvents = 0, "MaxQueueEvents" },
        { o => o.MaxQueueBytes = 0, "MaxQueueBytes" },
        { o => o.RequestTimeout = TimeSpan.FromDays(25), "RequestTimeout" },
        { o => o.BackoffBase = TimeSpan.FromSeconds(-1), "BackoffBase" },
        { o => o.BackoffMax = TimeSpan.Zero, "BackoffMax" },
        { o => o.MaxEventAge = TimeSpan.Zero, "MaxEventAge" },
        { o => o.ShutdownTimeout = TimeSpan.Zero, "ShutdownTimeout" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void New_WrongOption_ThrowsWithItsName(Action<SegOpsOptions> change, string option)
    {
        var options = new SegOpsOptions { ApiKey = "sk_test_key" };
        change(options);

        var exception = Assert.Throws<OptionsValidationException>(() => new SegOpsClient(options));

        Assert.Contains($"SegOpsOptions.{option} ", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://localhost:8080", false)]
    [InlineData("http://127.0.0.1:8080", false)]
    [InlineData("http://[::1]:8080", false)]
    [InlineData("http://segops.test", true)]
    public void New_PlainHttp_IsForThisMachineOrOnRequest(string url, bool allowInsecure) =>
        new SegOpsClient(new SegOpsOptions { ApiKey = "sk_test_key", ApiUrl = new Uri(url), AllowInsecure = allowInsecure }).Dispose();

    [Fact]
    public async Task New_OptionsChangeLater_KeepsWhatTheyWere()
    {
        SegOpsOptions? given = null;
        await using var bench = new Bench(o => given = o);

        given!.ApiKey = "sk_test_other";
        bench.Track();

        Assert.Equal("ApiKey sk_test_key", (await bench.Server.NextAsync()).Headers.Authorization!.ToString());
    }
}
