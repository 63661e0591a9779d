using System.Net.Http.Headers;
using System.Text;
using ClickHouse.Driver.ADO;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.EmbeddedClickHouse;

/// <summary>Bare calls of ClickHouse's HTTP interface, with a database of the test's own.</summary>
internal sealed class ClickHouseHttp : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ClickHouseConnectionStringBuilder _settings;

    public ClickHouseHttp(string connectionString, bool withCredentials = true)
    {
        _settings = new(connectionString);
        Client = new HttpClient { BaseAddress = new Uri($"http://{_settings.Host}:{_settings.Port}/"), Timeout = Patience };
        if (withCredentials)
            Client.DefaultRequestHeaders.Authorization = Basic(User, Password);
    }

    public HttpClient Client { get; }

    public string Host => _settings.Host;

    public int Port => _settings.Port;

    public string User => _settings.Username;

    public string Password => _settings.Password;

    public string Database => _settings.Database;

    public static async Task<ClickHouseHttp> NewAsync(ClickHouseFixture fixture, bool withCredentials = true) =>
        new(await fixture.NewDatabaseAsync(), withCredentials);

    public static AuthenticationHeaderValue Basic(string user, string password) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));

    /// <summary>Posts <paramref name="body"/>, in the test's database.</summary>
    public async Task<HttpResponseMessage> PostAsync(byte[] body, string parameters = "", string? encoding = null)
    {
        var content = new ByteArrayContent(body);
        if (encoding is not null)
            content.Headers.ContentEncoding.Add(encoding);
        return await Client.PostAsync(new Uri($"?database={Database}&{parameters}", UriKind.Relative), content, TestContext.Current.CancellationToken);
    }

    public Task<HttpResponseMessage> PostAsync(string sql, string parameters = "") => PostAsync(Encoding.UTF8.GetBytes(sql), parameters);

    /// <summary>The answer to a statement that must succeed.</summary>
    public async Task<string> AskAsync(string sql, string parameters = "")
    {
        using var response = await PostAsync(sql, parameters);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, text);
        return text.TrimEnd('\n');
    }

    /// <summary>Waits until a statement's answer is the one wanted.</summary>
    public Task UntilAsync(string sql, string wanted) => Eventually.IsAsync(wanted, () => AskAsync(sql));

    public void Dispose() => Client.Dispose();
}
