using Microsoft.Extensions.Configuration;
using SegOps.PubSub.Connection;

namespace SegOps.Tests.Unit.PubSub;

public sealed class PubSubConnectionSettingsTests
{
    [Fact]
    public void ConnectionString_EndpointAndProject_IsTheEmulator()
    {
        var connection = Read(("ConnectionStrings:pubsub", " endpoint = http://127.0.0.1:8085 ; projectid = segops ; ")).Connection!;

        Assert.Equal(new PubSubConnection(new Uri("http://127.0.0.1:8085"), "segops"), connection);
        Assert.True(connection.IsEmulator);
    }

    [Fact]
    public void ConnectionString_ProjectAlone_IsTheRealServiceOverTls()
    {
        var connection = Read(("ConnectionStrings:pubsub", "ProjectId=my-prod")).Connection!;

        Assert.Equal(new PubSubConnection(new Uri("https://pubsub.googleapis.com"), "my-prod"), connection);
        Assert.False(connection.IsEmulator);
    }

    [Fact]
    public void EmulatorHost_Alone_IsTheEmulatorWithTheDefaultProject() =>
        Assert.Equal(new PubSubConnection(new Uri("http://localhost:8085"), "segops"), Read(("PUBSUB_EMULATOR_HOST", "localhost:8085")).Connection);

    [Fact]
    public void EmulatorHost_WithAProject_TakesIt() =>
        Assert.Equal("other", Read(("PUBSUB_EMULATOR_HOST", "localhost:8085"), ("PUBSUB_PROJECT_ID", "other")).Connection!.ProjectId);

    [Fact]
    public void ConnectionString_BesideAnEmulatorHost_WinsAsAWhole()
    {
        var connection = Read(("ConnectionStrings:pubsub", "ProjectId=my-prod"), ("PUBSUB_EMULATOR_HOST", "localhost:8085")).Connection!;

        Assert.Equal("https://pubsub.googleapis.com/", connection.Endpoint.AbsoluteUri);
    }

    [Theory]
    [InlineData("Endpoint=http://127.0.0.1:8085")]
    [InlineData("ProjectId=")]
    [InlineData("ProjectId=Upper-Case")]
    [InlineData("ProjectId=a/../b")]
    [InlineData("Endpoint=127.0.0.1:8085;ProjectId=segops")]
    [InlineData("Endpoint=ftp://host;ProjectId=segops")]
    [InlineData("Endpoint=http://host/path;ProjectId=segops")]
    [InlineData("ProjectId=segops;Emulator=true")]
    [InlineData("segops")]
    public void ConnectionString_Wrong_IsAFaultThatNamesTheKey(string connectionString) =>
        Assert.Contains(Read(("ConnectionStrings:pubsub", connectionString)).Faults, fault => fault.StartsWith("ConnectionStrings:pubsub", StringComparison.Ordinal));

    [Fact]
    public void Nothing_IsAFaultThatShowsBothForms()
    {
        var fault = Assert.Single(Read().Faults);

        Assert.Contains("Endpoint=http://127.0.0.1:8085;ProjectId=segops", fault, StringComparison.Ordinal);
        Assert.Contains("'ProjectId=...'", fault, StringComparison.Ordinal);
    }

    private static PubSubConnectionSettings Read(params (string Key, string Value)[] settings) =>
        new(new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value)).Build());
}
