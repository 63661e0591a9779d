using System.Net;
using System.Text.Json;
using SegOps.ServiceDefaults.Http;

namespace SegOps.Tests.Fixtures;

/// <summary>Reads error answers.</summary>
internal static class ProblemAnswer
{
    /// <summary>Checks that <paramref name="answer"/> is the problem named and returns it.</summary>
    public static async Task<JsonElement> ReadAsync(HttpStatusCode status, string code, HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(status == answer.StatusCode, $"{(int)answer.StatusCode}: {body}");
        Assert.Equal(Problems.ContentType, answer.Content.Headers.ContentType?.MediaType);
        var problem = JsonElement.Parse(body);
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        return problem;
    }
}
