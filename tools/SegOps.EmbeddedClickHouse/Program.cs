using System.CommandLine;
using SegOps.EmbeddedClickHouse;
using SegOps.EmbeddedClickHouse.Engine;
using SegOps.EmbeddedClickHouse.Http;

// The web host handles signals: it stops listening, waits for queries and closes the engine.
return await ServerCommand.Create(ServeAsync).Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

static async Task<int> ServeAsync(EngineOptions options, int port)
{
    using var engine = new EngineHost(options);
    var builder = ServerHost.CreateBuilder(port);
    builder.Services.AddClickHouse(engine);

    await using var app = builder.Build();
    app.MapClickHouse();
    await app.StartAsync();
    var address = app.Urls.First();
    app.Logger.LogListening(engine.Version, address, options.DataPath);
    await app.WaitForShutdownAsync();
    return 0;
}
