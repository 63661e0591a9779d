using System.Diagnostics;
using SegOps.Bench.Reporting;

namespace SegOps.Bench.Running;

/// <summary>Runs experiments one after the other, prints what each showed, and writes the report.</summary>
internal static class ExperimentRun
{
    /// <summary>Goes on after an experiment that failed, and has the report written after each, should somebody break it off.</summary>
    /// <returns>0 when the output of all is right, else 1.</returns>
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
        Console.WriteLine($"{succeeded} of {done.Count} experiments gave a right output. Reports: {Path.Combine(output.FullName, Report.MarkdownFile)} and {Report.JsonFile}");
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
            outcome = Outcome.BrokenOff($"{exception.GetType().Name}: {exception.Message}");
        }
        progress.Clear();
        return new Reported(experiment.Name, Stopwatch.GetElapsedTime(began).TotalSeconds, outcome);
    }
}
