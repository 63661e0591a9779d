using SegOps.Standalone.Processes;

namespace SegOps.Standalone.Parts;

/// <summary>Something that is missing, and how to get it.</summary>
/// <param name="Problem">A sentence.</param>
/// <param name="Remedies">Commands to paste, any one of them.</param>
internal sealed record Missing(string Problem, IReadOnlyList<string> Remedies);

/// <summary>What has to be there before anything is started.</summary>
internal static class Prerequisites
{
    /// <summary>Everything that <paramref name="options"/> needs and this machine lacks, all at once.</summary>
    public static IEnumerable<Missing> Find(LocalSystemOptions options)
    {
        if (OperatingSystem.IsWindows())
            yield return new("Standalone runs on Linux and macOS.", ["wsl --install", "dotnet run --project SegOps.AppHost   (with Docker)"]);

        if (options.PubSub is null)
        {
            if (ChildCommand.FindOnPath("java") is null)
                yield return new("Java is not on PATH; the Pub/Sub emulator needs it.",
                [
                    "sudo apt-get install -y --no-install-recommends default-jre-headless",
                    "brew install --cask temurin",
                ]);
            if (PubSubEmulator.FindJar() is null)
                yield return new("The Google Pub/Sub emulator is not installed.",
                [
                    "sudo apt-get install -y google-cloud-cli-pubsub-emulator   (after https://cloud.google.com/sdk/docs/install#deb)",
                    "gcloud components install pubsub-emulator",
                ]);
        }

        if (options.GatewayPort != 0 && !FreePort.IsFree(options.GatewayPort))
            yield return new($"Port {options.GatewayPort} is in use.", ["dotnet run --project SegOps.Standalone -- --port 0   (or another port)"]);
    }
}
