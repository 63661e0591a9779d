using System.Runtime.Versioning;
using SegOps.AppHost.Data;
using SegOps.Bench.Processes;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.AppHost;

[UnsupportedOSPlatform("windows")]
public sealed class DataFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task OpenAsync_InUse_SaysByWhom()
    {
        using var first = await OpenAsync();

        var failure = await Assert.ThrowsAsync<DataFolderException>(() => OpenAsync());

        Assert.Contains($"{_folder.Path} is in use by process {Environment.ProcessId}", failure.Message, StringComparison.Ordinal);
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
    public async Task OpenAsync_Fresh_DeletesWhatWasStoredAndNothingElse()
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
        await using var process = ChildProcess.Start(new ChildCommand("sleep", ["600"]), _ => { });
        var notes = Path.Combine(_folder.Path, "processes");
        using (var crashed = await OpenAsync())
        {
            crashed.Note("redis", process.Id);
            Directory.Move(notes, notes + "-kept");
        }
        Directory.Move(notes + "-kept", notes); // a run that crashes does not delete its notes

        var opening = OpenAsync();
        Assert.False(opening.IsCompleted);
        process.Kill();
        using var folder = await opening;

        Assert.Equal(128 + 9, await process.Exited);
    }

    [Fact]
    public async Task OpenAsync_AnotherProcessHasTheIdOfACrashedRun_DoesNotWait()
    {
        (await OpenAsync()).Dispose();
        Directory.CreateDirectory(Path.Combine(_folder.Path, "processes"));
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "processes", "redis"), $"{Environment.ProcessId} 1", TestContext.Current.CancellationToken);

        using var folder = await OpenAsync();

        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "processes")));
    }

    [Fact]
    public async Task Secret_AskedForAgain_IsTheSameAndForThisUserAlone()
    {
        string first;
        using (var folder = await OpenAsync())
            first = folder.Secret("admin-token");
        using var again = await OpenAsync();

        Assert.Equal(first, again.Secret("admin-token"));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder.Path, "secrets", "admin-token")));
        Assert.True(first.Length >= 32, $"A secret of {first.Length} characters can be guessed.");
    }

    public void Dispose() => _folder.Dispose();

    private async Task<DataFolder> OpenAsync(bool fresh = false)
    {
        var folder = new DataFolder(_folder.Path);
        await folder.OpenAsync(fresh, TestContext.Current.CancellationToken);
        return folder;
    }
}
