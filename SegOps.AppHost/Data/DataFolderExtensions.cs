using Microsoft.Extensions.DependencyInjection;

namespace SegOps.AppHost.Data;

internal static class DataFolderExtensions
{
    /// <summary>Adds the data folder. The app host locks it at the start and releases it at the end.</summary>
    public static DataFolder AddDataFolder(this IDistributedApplicationBuilder builder, AppHostOptions options)
    {
        var folder = new DataFolder(options.Data ?? Path.Combine(builder.AppHostDirectory, "..", ".segops"));
        if (builder.ExecutionContext.IsPublishMode)
            return folder;

        builder.Services.AddSingleton(_ => folder);
        builder.OnBeforeStart(async (start, cancellationToken) =>
            await start.Services.GetRequiredService<DataFolder>().OpenAsync(options.Fresh, cancellationToken));
        return folder;
    }

    /// <summary>
    /// Adds a secret: <c>Parameters:NAME</c> of the configuration, else in run mode a generated one in the data folder. A publication asks for it.
    /// </summary>
    public static IResourceBuilder<ParameterResource> AddSecret(this IDistributedApplicationBuilder builder, string name, DataFolder folder) =>
        builder.ExecutionContext.IsPublishMode || builder.Configuration[$"Parameters:{name}"] is not null
            ? builder.AddParameter(name, secret: true)
            : builder.AddParameter(name, () => folder.Secret(name), secret: true);
}
