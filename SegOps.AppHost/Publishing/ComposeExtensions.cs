using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SegOps.AppHost.Publishing;

/// <summary>A health check inside the container, in the form of the Compose specification.</summary>
/// <param name="Test">CMD or CMD-SHELL, and the command. The container expands a $.</param>
internal sealed record ComposeHealthCheckAnnotation(params string[] Test) : IResourceAnnotation;

/// <summary>Writes docker compose files. Aspire's own integration is not published for this version.</summary>
internal static partial class ComposeExtensions
{
    private const string Step = "publish-compose";
    private const string ComposeFile = "compose.yaml";
    private const string EnvironmentFile = ".env.template";

    /// <summary>Sets the health check for the compose file.</summary>
    public static IResourceBuilder<T> PublishWithHealthCheck<T>(this IResourceBuilder<T> builder, params string[] test)
        where T : IResource => builder.WithAnnotation(new ComposeHealthCheckAnnotation(test));

    /// <summary>Makes <c>aspire publish</c> write compose.yaml and .env.template into its output folder.</summary>
    public static void AddComposePublishing(this IDistributedApplicationBuilder builder, AppHostOptions options)
    {
        if (builder.ExecutionContext.IsPublishMode)
            builder.Pipeline.AddStep(Step, context => PublishAsync(context, options), requiredBy: WellKnownPipelineSteps.Publish);
    }

    private static async Task PublishAsync(PipelineStepContext context, AppHostOptions options)
    {
        var file = await ComposeWriter.DescribeAsync(context.Model, context.ExecutionContext, options.PublishDashboard, context.CancellationToken);

        // DescribeAsync has validated everything, so that an error leaves no incomplete output.
        var folder = Directory.CreateDirectory(context.Services.GetRequiredService<IPipelineOutputService>().GetOutputDirectory()).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, ComposeFile), file.ToYaml(), context.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, EnvironmentFile), file.ToEnvironmentTemplate(), context.CancellationToken);
        LogWritten(context.Logger, Path.Combine(folder, ComposeFile), EnvironmentFile);
    }

    [LoggerMessage(LogLevel.Information, "Wrote {ComposeFile} and {EnvironmentFile}. Copy the template to .env, fill it in, and run docker compose up.")]
    private static partial void LogWritten(ILogger log, string composeFile, string environmentFile);
}
