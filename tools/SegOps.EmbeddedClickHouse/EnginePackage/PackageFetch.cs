using System.Formats.Tar;
using System.IO.Compression;

namespace SegOps.EmbeddedClickHouse.EnginePackage;

/// <summary>
/// Downloads the engine's library into a directory. The tarball is unpacked after its hash was checked, and the library gets its name when it is
/// complete. Only one process at a time downloads; others wait.
/// </summary>
internal sealed class PackageFetch(HttpClient http, PinnedPackage package, Uri registry, string directory, TextWriter progress, TimeProvider clock)
{
    private static readonly TimeSpan LockInterval = TimeSpan.FromMilliseconds(250);

    private string LibraryPath => Path.Combine(directory, "libchdb.so");

    /// <summary>Returns the library's path. Downloads the library if necessary.</summary>
    /// <exception cref="EnginePackageException">The download failed, or its hash is wrong.</exception>
    public async Task<string> EnsureAsync(CancellationToken cancellationToken)
    {
        if (File.Exists(LibraryPath))
            return LibraryPath;

        Directory.CreateDirectory(directory);
        await using var held = await LockAsync(cancellationToken);
        if (File.Exists(LibraryPath))
            return LibraryPath;

        var tarball = Path.Combine(directory, "package.tgz");
        await new PackageDownload(http, package.Tarball(registry), package.Integrity, new FetchProgress(progress, clock), clock)
            .RunAsync(tarball, cancellationToken);
        await progress.WriteLineAsync("Unpacking the ClickHouse engine ...");
        await ExtractAsync(tarball, cancellationToken);
        File.Delete(tarball);
        await progress.WriteLineAsync($"The ClickHouse engine {PinnedPackage.Version} is ready: {LibraryPath}");
        return LibraryPath;
    }

    private async Task ExtractAsync(string tarball, CancellationToken cancellationToken)
    {
        var unfinished = LibraryPath + ".unfinished";
        await using (var tar = new TarReader(new GZipStream(File.OpenRead(tarball), CompressionMode.Decompress)))
        {
            while (await tar.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
            {
                if (entry.Name != PinnedPackage.Library || entry.DataStream is null)
                    continue;

                await using (var file = File.Create(unfinished))
                {
                    await entry.DataStream.CopyToAsync(file, 1 << 20, cancellationToken);
                    file.Flush(flushToDisk: true);
                }

                File.Move(unfinished, LibraryPath, overwrite: true);
                return;
            }
        }

        throw new EnginePackageException($"{package.Name} {PinnedPackage.Version} does not contain {PinnedPackage.Library}.");
    }

    /// <summary>Takes an exclusive lock on a file. The operating system releases it even if the process is killed.</summary>
    private async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        for (var reported = false; ; reported = true)
        {
            try
            {
                return new FileStream(Path.Combine(directory, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (!cancellationToken.IsCancellationRequested)
            {
                if (!reported)
                    await progress.WriteLineAsync("Another process is downloading the ClickHouse engine. Waiting for it ...");
            }

            await Task.Delay(LockInterval, clock, cancellationToken);
        }
    }
}
