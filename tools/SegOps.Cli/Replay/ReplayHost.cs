using ClickHouse.Driver;
using Polly.Timeout;
using SegOps.PubSub;
using SegOps.PubSub.Configuration;
using SegOps.PubSub.Publishing;
using SegOps.ServiceDefaults.Configuration;
using SegOps.Warehouse;

namespace SegOps.Cli.Replay;

/// <summary>Runs a command with the connections and the publisher of the services.</summary>
internal static class ReplayHost
{
    private const string RepeatHint = "Run the same command again to continue. Nothing is lost or counted twice.";
    private const int UnknownTable = 60;

    /// <summary>Deadline of a publish. It is longer than Ingestion's, because no client waits for an answer.</summary>
    private static readonly TimeSpan PublishDeadline = TimeSpan.FromSeconds(30);

    /// <summary>Runs <paramref name="request"/> with the configuration of <paramref name="builder"/>.</summary>
    /// <returns>See <see cref="ReplayStatus"/>. <see cref="ServiceHost.ConfigurationFault"/> if settings are invalid.</returns>
    public static async Task<int> RunAsync(ReplayRequest request, HostApplicationBuilder builder, ReplayConsole console, CancellationToken stop)
    {
        if (await ServiceHost.BuildAsync(() => Build(request, builder, console), console.Error) is not { } host)
            return ServiceHost.ConfigurationFault;
        await using (host)
            try
            {
                return await RunAsync(request, host, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                await console.Error.WriteLineAsync("Stopped. " + RepeatHint);
                return ReplayStatus.Interrupted;
            }
            catch (ReplayException refused)
            {
                await console.Error.WriteLineAsync(refused.Message);
                return refused.Status;
            }
            catch (Exception failure) when (Explain(failure) is { } reason)
            {
                await console.Error.WriteLineAsync($"Aborted: {reason}. {RepeatHint}");
                return ReplayStatus.Unavailable;
            }
    }

    private static Task<int> RunAsync(ReplayRequest request, ServiceProvider host, CancellationToken stop) => request switch
    {
        ListLetters list => host.GetRequiredService<LetterPrinter>().ListAsync(list, stop),
        ShowLetter show => host.GetRequiredService<LetterPrinter>().ShowAsync(show, stop),
        ReplayLetters replay => host.GetRequiredService<LetterReplay>().RunAsync(replay, stop),
        ReplayEvents replay => host.GetRequiredService<EventReplay>().RunAsync(replay, stop),
        _ => throw new ArgumentOutOfRangeException(nameof(request)),
    };

    private static ServiceProvider Build(ReplayRequest request, HostApplicationBuilder builder, ReplayConsole console)
    {
        builder.Logging.ClearProviders();
        var services = builder.Services;
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(console);
        builder.AddWarehouse();
        if (request.Publishes)
        {
            services.Configure<PubSubOptions>(options => options.Publisher.MessageDeadline = PublishDeadline);
            builder.AddPubSub();
            builder.AddPublisher(StreamTarget.LateEvents.Topic);
            builder.AddPublisher(StreamTarget.Rejections.Topic);
            builder.AddPublisher(StreamTarget.Received.Topic);
        }

        services.AddSingleton<MessageCompressor>();
        services.AddSingleton<WarehouseQueries>();
        services.AddSingleton<LetterStore>();
        services.AddSingleton<RowStore>();
        services.AddSingleton<RowPublisher>();
        services.AddSingleton<LetterPrinter>();
        services.AddSingleton<LetterReplay>();
        services.AddSingleton<EventReplay>();

        // The host is not started, because the hosted services of PubSub are only for services.
        var host = services.BuildServiceProvider();
        ServiceHost.CheckSettings(host);
        return host;
    }

    private static string? Explain(Exception failure) => failure switch
    {
        ClickHouseServerException { ErrorCode: UnknownTable } =>
            "a table is missing in ClickHouse: start an ingestor of this version to update the schema",
        PublishException publish => publish.Message.TrimEnd('.'),
        ClickHouseException or ClickHouseServerException or TimeoutRejectedException or HttpRequestException or IOException =>
            InsertFailures.Describe(failure),
        _ => null,
    };
}
