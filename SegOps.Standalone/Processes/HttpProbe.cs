namespace SegOps.Standalone.Processes;

/// <summary>Readiness by a GET request.</summary>
internal static class HttpProbe
{
    private static readonly HttpClient Client = new();

    /// <summary>A probe that is satisfied by a 2xx answer of <paramref name="url"/>.</summary>
    public static Func<CancellationToken, Task<bool>> For(string url) => async cancellationToken =>
    {
        using var response = await Client.GetAsync(new Uri(url), cancellationToken);
        return response.IsSuccessStatusCode;
    };
}
