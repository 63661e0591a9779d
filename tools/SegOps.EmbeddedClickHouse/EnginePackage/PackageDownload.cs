using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Polly;
using Polly.Retry;

namespace SegOps.EmbeddedClickHouse.EnginePackage;

/// <summary>Downloads a pinned file and checks its hash. Resumes an earlier partial download.</summary>
internal sealed class PackageDownload(HttpClient http, Uri address, string integrity, FetchProgress progress, TimeProvider clock)
{
    private const int BufferSize = 1 << 18;
    private const int Attempts = 4;

    /// <summary>Longest time without data before an attempt fails. The next attempt resumes.</summary>
    private static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(30);

    /// <summary>Downloads the file to <paramref name="path"/>.</summary>
    /// <exception cref="EnginePackageException">The download failed, or its hash is wrong.</exception>
    public async Task RunAsync(string path, CancellationToken cancellationToken)
    {
        var partial = path + ".partial";
        var pipeline = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = Attempts - 1,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromSeconds(1),
                ShouldHandle = new PredicateBuilder().Handle<Exception>(IsTransient),
            })
            .Build();
        try
        {
            await pipeline.ExecuteAsync(async attempt => await AttemptAsync(partial, attempt), cancellationToken);
            File.Move(partial, path, overwrite: true);
        }
        catch (Exception exception) when (IsTransient(exception) && !cancellationToken.IsCancellationRequested)
        {
            throw new EnginePackageException($"Cannot download the ClickHouse engine from {address.Host}: {exception.Message} " +
                $"(To use a mirror, set npm_config_registry. To work offline, set {EngineLocator.OverrideVariable} to the path of a libchdb.)", exception);
        }
    }

    private async Task AttemptAsync(string partial, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(partial, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, BufferSize);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        using var response = await OpenAsync(file, cancellationToken);
        await HashAsync(file, hash, cancellationToken);
        var total = file.Length + response.Content.Headers.ContentLength;
        await CopyAsync(await response.Content.ReadAsStreamAsync(cancellationToken), file, hash, total, cancellationToken);

        if (total is not null && file.Length < total)
            throw new IOException("the connection ended early");
        if (Convert.ToBase64String(hash.GetHashAndReset()) == integrity)
            return;

        file.Close();
        File.Delete(partial);
        throw new EnginePackageException($"The SHA-512 of {address.AbsolutePath} from {address.Host} differs from the pinned one. The download was deleted.");
    }

    private async Task<HttpResponseMessage> OpenAsync(FileStream file, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (file.Length > 0)
            request.Headers.Range = new RangeHeaderValue(file.Length, null);

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(StallLimit);
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
        if (response.StatusCode is HttpStatusCode.RequestedRangeNotSatisfiable or HttpStatusCode.OK)
            file.SetLength(0);
        if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized)
            throw new EnginePackageException($"{address.Host} does not provide {address.AbsolutePath} ({(int)response.StatusCode}). To use another registry, set npm_config_registry.");
        response.EnsureSuccessStatusCode();
        return response;
    }

    private static async Task HashAsync(FileStream file, IncrementalHash hash, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        file.Position = 0;
        while (await file.ReadAsync(buffer, cancellationToken) is > 0 and var length)
            hash.AppendData(buffer, 0, length);
    }

    private async Task CopyAsync(Stream source, FileStream file, IncrementalHash hash, long? total, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        while (true)
        {
            stall.CancelAfter(StallLimit);
            var length = await source.ReadAsync(buffer, stall.Token);
            if (length == 0)
                break;
            hash.AppendData(buffer, 0, length);
            await file.WriteAsync(buffer.AsMemory(0, length), cancellationToken);
            progress.Report(file.Position, total);
        }

        await file.FlushAsync(cancellationToken);
        progress.End();
    }

    private static bool IsTransient(Exception exception) => exception is HttpRequestException or IOException or OperationCanceledException;
}
