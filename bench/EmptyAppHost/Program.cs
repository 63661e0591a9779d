// An app host with the dashboard only: the baseline for the start of SegOps.AppHost.

DistributedApplication.CreateBuilder(args).Build().Run();
