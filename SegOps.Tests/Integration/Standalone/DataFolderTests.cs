using SegOps.Standalone;
using SegOps.Standalone.Processes;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Standalone;

public sealed class DataFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task OpenAsync_InUse_SaysSo()
    {
        using var first = await OpenAsync();

        var failure = await Assert.ThrowsAsync<DataFolderException>(() => OpenAsync());

        Assert.Contains("Another SegOps.Standalone is using", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_AfterTheFirstIsDone_Succeeds()
    {
        (await OpenAsync()).Dispose();

        using var second = await OpenAsync();

        Assert.Equal(_folder.Path, second.FullPath);
    }

    [Fact]
    public async Task OpenAsync_FolderOfSomethingElse_IsLeftAlone()
    {
        var thesis = Path.Combine(_folder.Path, "thesis.txt");
        await File.WriteAllTextAsync(thesis, "years of work", TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<DataFolderException>(() => OpenAsync(fresh: true));

        Assert.Equal([thesis], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task OpenAsync_Fresh_DeletesWhatStandaloneStoredAndNothingElse()
    {
        (await OpenAsync()).Dispose();
        Directory.CreateDirectory(Path.Combine(_folder.Path, "redis", "aof"));
        var note = Path.Combine(_folder.Path, "note.txt");
        await File.WriteAllTextAsync(note, "", TestContext.Current.CancellationToken);

        using var fresh = await OpenAsync(fresh: true);

        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "redis")));
        Assert.True(File.Exists(note));
    }

    [Fact]
    public async Task OpenAsync_ProcessOfACrashedRunStillThere_WaitsForItsEnd()
    {
        await using var process = await ChildProcess.StartAsync(new ChildCommand("sleep", ["600"]), _ => { });
        (await OpenAsync()).Dispose();
        await File.WriteAllTextAsync(
            Path.Combine(Directory.CreateDirectory(Path.Combine(_folder.Path, "processes")).FullName, "redis"),
            $"{process.Id}\n", TestContext.Current.CancellationToken);

        var opening = OpenAsync();
        Assert.False(opening.IsCompleted);
        process.Kill();
        using var folder = await opening;

        Assert.True(process.Exited.IsCompleted || await process.Exited > 0);
    }

    public void Dispose() => _folder.Dispose();

    private Task<DataFolder> OpenAsync(bool fresh = false) => DataFolder.OpenAsync(_folder.Path, fresh, TestContext.Current.CancellationToken);
}
