using System.CommandLine;

namespace SegOps.Cli.Replay;

/// <summary>The commands for dead letters and for stored events.</summary>
internal static class ReplayCommands
{
    /// <summary>Time for a command to end after Ctrl+C: the deadline of a publish (30 s) and 10 s.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(40);

    /// <summary>Parses <paramref name="arguments"/> and calls <paramref name="run"/>, or prints help or errors.</summary>
    /// <returns>See <see cref="ReplayStatus"/>.</returns>
    public static async Task<int> InvokeAsync(
        string[] arguments, Func<ReplayRequest, CancellationToken, Task<int>> run, TextWriter? output = null, TextWriter? errors = null)
    {
        var root = new RootCommand(
            "Lists events that the ingestor could not store, and publishes events again. " +
            "Settings, as for the ingestor: ConnectionStrings__clickhouse and, for replays, ConnectionStrings__pubsub.")
        {
            DeadLetters(run), Events(run),
        };
        foreach (var version in root.Options.OfType<VersionOption>().ToArray())
            root.Options.Remove(version);
        var parsed = root.Parse(arguments);
        var status = await parsed.InvokeAsync(new InvocationConfiguration
        {
            ProcessTerminationTimeout = StopTimeout,
            Output = output ?? Console.Out,
            Error = errors ?? Console.Error,
        });
        return parsed.Errors.Count > 0 ? ReplayStatus.Usage : status;
    }

    private static Command DeadLetters(Func<ReplayRequest, CancellationToken, Task<int>> run) =>
        new("dead-letters", "Lists, shows and replays dead letters.") { List(run), Show(run), Replay(run) };

    private static Command List(Func<ReplayRequest, CancellationToken, Task<int>> run)
    {
        var (project, code, since) = CommonOptions.Filters();
        var limit = new Option<int>("--limit") { Description = "Maximum number of dead letters.", HelpName = "N", DefaultValueFactory = _ => 50 };
        limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 10_000)
                result.AddError("--limit must be from 1 to 10000.");
        });
        var closed = new Option<bool>("--closed") { Description = "Include replayed dead letters." };
        var command = new Command("list", "Lists open dead letters, newest first.") { project, code, since, limit, closed };
        command.SetAction((parsed, stop) => run(
            new ListLetters(
                new([], parsed.GetValue(project), parsed.GetValue(code), parsed.GetValue(since), parsed.GetValue(closed)), parsed.GetValue(limit)),
            stop));
        return command;
    }

    private static Command Show(Func<ReplayRequest, CancellationToken, Task<int>> run)
    {
        var id = new Argument<Guid>("ID") { Description = "The dead letter's id from the list." };
        var raw = new Option<bool>("--raw") { Description = "Print only its bytes, to correct them in a file." };
        var command = new Command("show", "Shows a dead letter with its reason and its bytes.") { id, raw };
        command.SetAction((parsed, stop) => run(new ShowLetter(parsed.GetValue(id), parsed.GetValue(raw)), stop));
        return command;
    }

    private static Command Replay(Func<ReplayRequest, CancellationToken, Task<int>> run)
    {
        var ids = new Argument<Guid[]>("ID") { Description = "Ids of dead letters.", Arity = ArgumentArity.ZeroOrMore };
        var (project, code, since) = CommonOptions.Filters();
        var all = new Option<bool>("--all") { Description = "All open dead letters." };
        var row = new Option<string?>("--row")
        {
            Description = "Send the corrected row in this file (-: standard input), with the same event_id. Requires one ID.",
            HelpName = "FILE",
        };
        var wait = new Option<int>("--wait")
        {
            Description = "Longest time in seconds without a stored row.",
            HelpName = "SECONDS",
            DefaultValueFactory = _ => 60,
        };
        wait.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 3600)
                result.AddError("--wait must be from 1 to 3600.");
        });
        var dryRun = CommonOptions.DryRun();
        var command = new Command("replay", "Publishes dead letters' rows again and closes the letters whose rows are stored. Safe to repeat.")
        {
            ids, project, code, since, all, row, wait, dryRun,
        };
        command.Validators.Add(result =>
        {
            var named = result.GetResult(ids)?.Tokens.Count ?? 0;
            if (named == 0 && new Option[] { project, code, since, all }.All(option => result.GetResult(option) is null))
                result.AddError("Specify the dead letters: ids, --project, --code, --since, or --all.");
            if (result.GetResult(row) is not null && named != 1)
                result.AddError("--row requires exactly one ID.");
        });
        command.SetAction((parsed, stop) => run(
            new ReplayLetters(
                new(parsed.GetValue(ids) ?? [], parsed.GetValue(project), parsed.GetValue(code), parsed.GetValue(since)),
                parsed.GetValue(row), parsed.GetValue(dryRun), TimeSpan.FromSeconds(parsed.GetValue(wait))),
            stop));
        return command;
    }

    private static Command Events(Func<ReplayRequest, CancellationToken, Task<int>> run)
    {
        var project = new Option<string>("--project") { Description = "The project.", HelpName = "P", Required = true };
        var environment = new Option<string>("--environment") { Description = "live or test.", HelpName = "E", Required = true };
        environment.AcceptOnlyFromAmong(Contracts.Environments.Live, Contracts.Environments.Test);
        var from = CommonOptions.Time("--from", "Only events received at this time or later.", required: true);
        var to = CommonOptions.Time("--to", "Only events received before this time.", required: true);
        var dryRun = CommonOptions.DryRun();
        var command = new Command("replay-events", "Publishes stored events again. No query counts them twice. Safe to repeat.")
        {
            project, environment, from, to, dryRun,
        };
        command.Validators.Add(result =>
        {
            if (result.Errors.Any() || result.GetResult(from) is null || result.GetResult(to) is null)
                return;
            if (result.GetValue(from) >= result.GetValue(to))
                result.AddError("--from must be before --to.");
        });
        command.SetAction((parsed, stop) => run(
            new ReplayEvents(
                parsed.GetRequiredValue(project), parsed.GetRequiredValue(environment),
                parsed.GetValue(from)!.Value, parsed.GetValue(to)!.Value, parsed.GetValue(dryRun)),
            stop));
        return command;
    }
}
