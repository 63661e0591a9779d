// A shop that tracks its orders. Start SegOps with `dotnet run --project SegOps.AppHost`, then this program, and place an order:
//   curl -X POST http://127.0.0.1:5080/orders/ord-456
// Ctrl+C sends what is queued.

using SegOps.Client;

var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseUrls("http://127.0.0.1:5080");
builder.Services.AddSegOps(o =>
{
    o.ApiUrl = new Uri(builder.Configuration["SegOps:ApiUrl"] ?? "http://localhost:8080");
    o.ApiKey = builder.Configuration["SegOps:ApiKey"] ?? "sk_live_DemoFree0000000000000000000000001Qa6Fg";
    o.OnDrop = drop => Console.Error.WriteLine($"Event {drop.EventId} was not delivered: {drop.Reason} {drop.Code}");
    o.OnError = error => Console.Error.WriteLine(error.Message);
});

var app = builder.Build();
app.MapPost("/orders/{id}", (string id, ISegOpsClient segops) => new
{
    event_id = segops.Track("user-123", "order_placed", new { order_id = id, total = 89.95, currency = "USD" }),
});
app.MapGet("/stats", (ISegOpsClient segops) => segops.GetStats());
app.Run();
