using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using SegOps.PubSub;
using SegOps.PubSub.Configuration;
using SegOps.PubSub.Connection;

namespace SegOps.Tests.Unit.PubSub;

public sealed class PubSubOptionsTests
{
    [Fact]
    public void Validate_SeveralFaults_NamesAllOfThemAtOnce()
    {
        var failure = Assert.Throws<OptionsValidationException>(() => Options(
            ("ConnectionStrings:pubsub", "Endpoint=nowhere;ProjectId=?;Colour=red"),
            ("PubSub:Publisher:MaxBatchMessages", "1001"),
            ("PubSub:Subscriber:AckDeadline", "00:00:10"),
            ("PubSub:Subscriber:Streams", "0")));

        Assert.Collection(
            failure.Failures.Order(StringComparer.Ordinal),
            fault => Assert.StartsWith("ConnectionStrings:pubsub takes Endpoint and ProjectId", fault, StringComparison.Ordinal),
            fault => Assert.StartsWith("ConnectionStrings:pubsub: Endpoint", fault, StringComparison.Ordinal),
            fault => Assert.StartsWith("ConnectionStrings:pubsub: ProjectId", fault, StringComparison.Ordinal),
            fault => Assert.StartsWith("PubSub:Publisher:MaxBatchMessages", fault, StringComparison.Ordinal),
            fault => Assert.StartsWith("PubSub:Subscriber:ExtendBefore", fault, StringComparison.Ordinal),
            fault => Assert.StartsWith("PubSub:Subscriber:Streams", fault, StringComparison.Ordinal));
    }

    [Fact]
    public void Validate_Defaults_AreValid() => Assert.Equal(100, Options(("ConnectionStrings:pubsub", "ProjectId=segops;Endpoint=http://h")).Publisher.MaxBatchMessages);

    [Fact]
    public void Validate_RealServiceWithoutCredentials_SaysWhatToDo()
    {
        var failure = Assert.Throws<OptionsValidationException>(() => Options(("ConnectionStrings:pubsub", "ProjectId=my-prod")));

        Assert.Contains("gcloud auth application-default login", Assert.Single(failure.Failures), StringComparison.Ordinal);
    }

    private static PubSubOptions Options(params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value)));
        builder.AddPubSub();
        builder.Services.AddSingleton<CredentialSource>(() => throw new InvalidOperationException("none"));
        using var host = builder.Build();
        return host.Services.GetRequiredService<IOptions<PubSubOptions>>().Value;
    }
}
