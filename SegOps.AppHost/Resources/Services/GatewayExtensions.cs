using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using SegOps.AppHost.Data;
using SegOps.AppHost.Resources.Redis;

namespace SegOps.AppHost.Resources.Services;

/// <summary>The gateway's links and commands in the dashboard.</summary>
internal static class GatewayExtensions
{
    private const string TrackPath = "/api/ingestion/track/";

    /// <summary>Adds links to the monitoring page and the API reference.</summary>
    public static IResourceBuilder<ProjectResource> WithPages(this IResourceBuilder<ProjectResource> gateway) => gateway
        .WithUrlForEndpoint("http", url => url.DisplayText = "Monitoring page")
        .WithUrlForEndpoint("http", _ => new() { Url = "/docs", DisplayText = "API reference" });

    /// <summary>Adds a command that sends an event with the demo key of the free plan.</summary>
    public static IResourceBuilder<ProjectResource> WithTestEvent(this IResourceBuilder<ProjectResource> gateway) => gateway.WithHttpCommand(
        TrackPath,
        "Send a test event",
        endpointName: "http",
        commandName: "send-test-event",
        commandOptions: new()
        {
            Method = HttpMethod.Post,
            Description = $"POST {TrackPath} with the demo key of the free plan",
            IconName = "Send",
            IsHighlighted = true,
            PrepareRequest = context =>
            {
                context.Request.Headers.Authorization = new AuthenticationHeaderValue("ApiKey", DemoKeys.Free.Key);
                context.Request.Content = JsonContent.Create(new { user_id = "user-123", event_type = "test_event", payload = new { sent_from = "dashboard" } });
                return Task.CompletedTask;
            },
        });

    /// <summary>Adds a command that deletes the local servers' data and restarts all parts, after a confirmation.</summary>
    public static IResourceBuilder<ProjectResource> WithFreshStart(this IResourceBuilder<ProjectResource> gateway, DataFolder data) => gateway.WithCommand(
        "start-fresh",
        "Start fresh",
        async context =>
        {
            var model = context.Services.GetRequiredService<DistributedApplicationModel>();
            var commands = context.Services.GetRequiredService<ResourceCommandService>();
            var parts = model.Resources.Where(resource => resource.HasAnnotationOfType<PartAnnotation>()).OrderBy(resource => resource.Annotations.OfType<PartAnnotation>().First().StopRank).ToList();
            foreach (var part in parts)
                await commands.ExecuteCommandAsync(part, KnownResourceCommands.StopCommand, context.CancellationToken);
            data.Clear();

            // Each part waits for its dependencies, so all can start at once.
            var starts = await Task.WhenAll(parts.Select(part => commands.ExecuteCommandAsync(part, KnownResourceCommands.StartCommand, context.CancellationToken)));
            return starts.FirstOrDefault(start => !start.Success) ?? CommandResults.Success();
        },
        new()
        {
            Description = "Delete all stored events, keys, usage and limits, and restart all parts",
            ConfirmationMessage = "Delete all stored events, keys, usage and limits, and restart all parts?",
            IconName = "DeleteArrowBack",
        });
}
