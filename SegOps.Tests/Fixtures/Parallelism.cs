// Most tests wait for servers, timeouts and one another's hosts for most of their time: as many threads as cores would leave the cores idle.
[assembly: Xunit.v3.Parallelization(MaxThreads = 6)]
