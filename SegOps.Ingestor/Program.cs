using SegOps.Ingestor;
using SegOps.ServiceDefaults;
using SegOps.ServiceDefaults.Configuration;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddServiceDefaults();
builder.AddIngestor();

var app = builder.Build();
app.UseServiceDefaults();
app.MapDefaultEndpoints();

return await app.RunServiceAsync();
