// An app host with nothing in it but the dashboard: what the start of SegOps.AppHost is compared with.

DistributedApplication.CreateBuilder(args).Build().Run();
