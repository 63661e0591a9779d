using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using SegOps.Contracts;

namespace SegOps.Tests.Fixtures;

/// <summary>An operator's client: projects and keys of a test's own.</summary>
internal sealed class AdminApi : IDisposable
{
    private readonly HttpClient _http;

    public AdminApi(Uri gateway, string token)
    {
        _http = new HttpClient { BaseAddress = gateway };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Creates a project as <paramref name="body"/> says and returns its id.</summary>
    public async Task<string> CreateProjectAsync(string body) =>
        (await PostAsync("/api/admin/projects", body)).GetProperty("id").GetString()!;

    /// <summary>Creates a publishable key and returns its text.</summary>
    public async Task<string> CreatePublishableKeyAsync(string project) =>
        (await PostAsync($"/api/admin/projects/{project}/keys", """{"environment":"live","kind":"publishable"}""")).GetProperty("key").GetString()!;

    /// <summary>Creates a key and returns its text.</summary>
    public async Task<string> CreateKeyAsync(string project, string environment = Environments.Live) =>
        (await PostAsync($"/api/admin/projects/{project}/keys", $$"""{"environment":"{{environment}}"}""")).GetProperty("key").GetString()!;

    /// <summary>Revokes every key of a project.</summary>
    public async Task RevokeAllAsync(string project)
    {
        var listed = await _http.GetFromJsonAsync<JsonElement>($"/api/admin/projects/{project}/keys", TestContext.Current.CancellationToken);
        foreach (var key in listed.GetProperty("keys").EnumerateArray())
        {
            using var answer = await _http.DeleteAsync(
                new Uri($"/api/admin/projects/{project}/keys/{key.GetProperty("id").GetString()}", UriKind.Relative), TestContext.Current.CancellationToken);
            answer.EnsureSuccessStatusCode();
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> PostAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await _http.PostAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode}: {text}");
        return JsonElement.Parse(text);
    }
}
