using SegOps.ServiceDefaults;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Ingestor;

/// <summary>Stores published events in ClickHouse.</summary>
internal static class Program
{
    internal static Task<int> Main(string[] args) => ServiceHost.RunAsync(() => Build(args));

    /// <summary>Builds the service.</summary>
    internal static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.AddServiceDefaults();
        builder.AddIngestor();

        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapDefaultEndpoints();
        return app;
    }
}
