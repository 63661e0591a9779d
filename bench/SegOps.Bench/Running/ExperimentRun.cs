using System.Diagnostics;
using SegOps.Bench.Reporting;

namespace SegOps.Bench.Running;

/// <summary>Runs experiments in sequence, prints their results and writes the report.</summary>
internal static class ExperimentRun
{
    /// <summary>Continues after a failed experiment. Writes the report after each experiment, so that an aborted run leaves one.</summary>
    /// <returns>0 if the output of all experiments is correct, else 1.</returns>
    internal static async Task<int> RunAsync(IReadOnlyList<Experiment> experiments, DirectoryInfo output, CancellationToken cancellationToken)
    {
        var (machine, madeAt) = (Machine.This(), TimeProvider.System.GetUtcNow());
        Console.WriteLine($"{machine}.");
        List<Reported> done = [];
        foreach (var experiment in experiments)
        {
            Console.WriteLine(experiments.Count == 1 ? "" : $"{Environment.NewLine}== {experiment.Name} ({done.Count + 1} of {experiments.Count})");
            var reported = await RunAsync(experiment, cancellationToken);
            done.Add(reported);
            Console.WriteLine(reported.Describe());
            new Report(madeAt, machine, done).Write(output);
        }

        var succeeded = done.Count(reported => reported.Outcome.Succeeded);
        Console.WriteLine($"{succeeded} of {done.Count} experiments succeeded. Reports: {Path.Combine(output.FullName, Report.MarkdownFile)} and {Report.JsonFile}");
        return succeeded == done.Count ? 0 : 1;
    }

    private static async Task<Reported> RunAsync(Experiment experiment, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var progress = Progress.OnConsole();
        Outcome outcome;
        try
        {
            outcome = await experiment.RunAsync(progress, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            outcome = Outcome.Aborted($"{exception.GetType().Name}: {exception.Message}");
        }
        progress.Clear();
        return new Reported(experiment.Name, Stopwatch.GetElapsedTime(began).TotalSeconds, outcome);
    }
}
