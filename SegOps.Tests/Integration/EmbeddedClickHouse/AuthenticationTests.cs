using System.Net;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.EmbeddedClickHouse;

public sealed class AuthenticationTests(ClickHouseFixture fixture)
{
    [Theory]
    [InlineData("basic")]
    [InlineData("headers")]
    [InlineData("parameters")]
    public async Task Credentials_RightOnes_AreLetIn(string scheme)
    {
        using var response = await CallAsync(scheme, (http) => (http.User, http.Password));

        Assert.Equal("1\n", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("basic")]
    [InlineData("headers")]
    [InlineData("parameters")]
    public async Task Credentials_WrongPassword_Is516With403(string scheme)
    {
        using var response = await CallAsync(scheme, (http) => (http.User, http.Password + "x"));

        await AssertRefusedAsync(response);
    }

    [Theory]
    [InlineData("basic")]
    [InlineData("headers")]
    [InlineData("parameters")]
    public async Task Credentials_UnknownUser_Is516With403(string scheme)
    {
        using var response = await CallAsync(scheme, (http) => ("nobody", http.Password));

        await AssertRefusedAsync(response);
    }

    [Fact]
    public async Task Credentials_TwoSchemesAtOnce_AreRefused()
    {
        using var http = await ClickHouseHttp.NewAsync(fixture);

        using var response = await http.PostAsync("SELECT 1", $"user={http.User}&password={http.Password}");

        await AssertRefusedAsync(response);
    }

    private async Task<HttpResponseMessage> CallAsync(string scheme, Func<ClickHouseHttp, (string User, string Password)> credentials)
    {
        using var http = await ClickHouseHttp.NewAsync(fixture, withCredentials: false);
        var (user, password) = credentials(http);
        var parameters = scheme == "parameters" ? $"user={user}&password={password}" : "";
        if (scheme == "basic")
            http.Client.DefaultRequestHeaders.Authorization = ClickHouseHttp.Basic(user, password);
        if (scheme == "headers")
        {
            http.Client.DefaultRequestHeaders.Add("X-ClickHouse-User", user);
            http.Client.DefaultRequestHeaders.Add("X-ClickHouse-Key", password);
        }

        return await http.PostAsync("SELECT 1", parameters);
    }

    private static async Task AssertRefusedAsync(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal("516", response.Headers.GetValues("X-ClickHouse-Exception-Code").Single());
        Assert.StartsWith("Code: 516. DB::Exception: ", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }
}
