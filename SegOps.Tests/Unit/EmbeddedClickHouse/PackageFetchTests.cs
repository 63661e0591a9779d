using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using SegOps.EmbeddedClickHouse.EnginePackage;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Unit.EmbeddedClickHouse;

public sealed class PackageFetchTests : IAsyncLifetime
{
    private readonly TemporaryFolder _cache = new();
    private readonly HttpClient _http = new();
    private readonly List<string?> _ranges = [];
    private readonly byte[] _tarball = Tarball();
    private int _failures;
    private WebApplication _registry = null!;

    private static string Integrity => Convert.ToBase64String(SHA512.HashData(Tarball()));

    private string Library => Path.Combine(_cache.Path, "libchdb.so");

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _registry = builder.Build();
        _registry.MapGet("/@chdb/lib-test/-/{file}", (HttpRequest request) =>
        {
            lock (_ranges)
            {
                _ranges.Add(request.Headers.Range);
                return _ranges.Count <= _failures ? Results.StatusCode(503) : Results.Bytes(_tarball, enableRangeProcessing: true);
            }
        });
        await _registry.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _registry.DisposeAsync();
        _http.Dispose();
        _cache.Dispose();
    }

    [Fact]
    public async Task EnsureAsync_NothingThere_BringsTheLibraryAndNothingElse()
    {
        Assert.Equal(Library, await Fetch().EnsureAsync(TestContext.Current.CancellationToken));

        Assert.Equal("the engine", await File.ReadAllTextAsync(Library, TestContext.Current.CancellationToken));
        Assert.Equal([".lock", "libchdb.so"], Directory.GetFiles(_cache.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task EnsureAsync_SecondTime_AsksForNothing()
    {
        await Fetch().EnsureAsync(TestContext.Current.CancellationToken);

        await Fetch().EnsureAsync(TestContext.Current.CancellationToken);

        Assert.Single(_ranges);
    }

    [Fact]
    public async Task EnsureAsync_TwoAtOnce_FetchOnce()
    {
        await Task.WhenAll(Fetch().EnsureAsync(TestContext.Current.CancellationToken), Fetch().EnsureAsync(TestContext.Current.CancellationToken));

        Assert.Single(_ranges);
    }

    [Fact]
    public async Task EnsureAsync_OtherBytesThanPinned_AreRefusedAndNotKept()
    {
        _tarball[^5] ^= 1;

        var exception = await Assert.ThrowsAsync<EnginePackageException>(() => Fetch().EnsureAsync(TestContext.Current.CancellationToken));

        Assert.Contains("SHA-512", exception.Message, StringComparison.Ordinal);
        Assert.Equal([".lock"], Directory.GetFiles(_cache.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task EnsureAsync_AbortedDownloadLeft_IsContinued()
    {
        await File.WriteAllBytesAsync(Path.Combine(_cache.Path, "package.tgz.partial"), _tarball[..20], TestContext.Current.CancellationToken);

        await Fetch().EnsureAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["bytes=20-"], _ranges);
        Assert.True(File.Exists(Library));
    }

    [Fact]
    public async Task EnsureAsync_RegistryFailsThreeTimes_FetchesAtTheFourthAttempt()
    {
        _failures = 3;

        await FetchWithoutWaitsAsync();

        Assert.Equal(4, _ranges.Count);
        Assert.True(File.Exists(Library));
    }

    [Fact]
    public async Task EnsureAsync_RegistryFailsFourTimes_SaysWhatToDo()
    {
        _failures = 4;

        var exception = await Assert.ThrowsAsync<EnginePackageException>(FetchWithoutWaitsAsync);

        Assert.Equal(4, _ranges.Count);
        Assert.Contains("npm_config_registry", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EnsureAsync_HalfUnpackedLibraryLeft_IsNotBelieved()
    {
        await File.WriteAllTextAsync(Library + ".unfinished", "half", TestContext.Current.CancellationToken);

        await Fetch().EnsureAsync(TestContext.Current.CancellationToken);

        Assert.Equal("the engine", await File.ReadAllTextAsync(Library, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task EnsureAsync_RegistryWithoutThePackage_SaysWhatToDo()
    {
        var elsewhere = new PackageFetch(_http, new("test", "@chdb/missing", Integrity), new Uri(_registry.Urls.First() + "/"), _cache.Path, TextWriter.Null, TimeProvider.System);

        var exception = await Assert.ThrowsAsync<EnginePackageException>(() => elsewhere.EnsureAsync(TestContext.Current.CancellationToken));

        Assert.Contains("npm_config_registry", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("win-x64", true)]
    [InlineData("linux-x64", false)]
    [InlineData("linux-riscv64", true)]
    public void For_PlatformWithoutAnEngine_SaysWhatToDo(string platform, bool glibc)
    {
        var exception = Assert.Throws<EnginePackageException>(() => PinnedPackage.For(platform, glibc));

        Assert.Contains(EngineLocator.OverrideVariable, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void For_DebianOnX64_IsThePinnedPackage() => Assert.Equal(
        "https://registry.example/@chdb/lib-linux-x64-gnu/-/lib-linux-x64-gnu-26.7.3-stable.1.tgz",
        PinnedPackage.For("debian.12-x64", hasGlibc: true).Tarball(new Uri("https://registry.example/")).ToString());

    private PackageFetch Fetch(TimeProvider? clock = null) => new(
        _http, new("test", "@chdb/lib-test", Integrity), new Uri(_registry.Urls.First() + "/"), _cache.Path, TextWriter.Null, clock ?? TimeProvider.System);

    private async Task FetchWithoutWaitsAsync()
    {
        var clock = new FakeTimeProvider();
        var fetch = Fetch(clock).EnsureAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => fetch.IsCompleted, "the attempts are over", () => clock.Advance(TimeSpan.FromSeconds(1)));
        await fetch;
    }

    private static byte[] Tarball()
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest))
        using (var tar = new TarWriter(gzip))
        {
            foreach (var (name, text) in (ReadOnlySpan<(string, string)>)[("package/index.js", "no"), (PinnedPackage.Library, "the engine")])
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name)
                {
                    ModificationTime = DateTimeOffset.UnixEpoch,
                    DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)),
                });
            }
        }

        return bytes.ToArray();
    }
}
