global using SegOps.Client.Tests.Fixtures;
