using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using SegOps.ServiceDefaults;

namespace SegOps.Tests.Unit.ServiceDefaults;

/// <summary>The console's lines of a service, written by the formatter that it has chosen.</summary>
public sealed class ConsoleLogTests
{
    [Fact]
    public void Line_InProduction_IsJsonWithTheMessage()
    {
        var line = Line(Environments.Production);

        using var json = JsonDocument.Parse(line);
        Assert.Equal("it's 3 rows", json.RootElement.GetProperty("Message").GetString());
        Assert.Equal("Warning", json.RootElement.GetProperty("LogLevel").GetString());
        Assert.Equal("SegOps.Ingestor.Batcher", json.RootElement.GetProperty("Category").GetString());
        Assert.Equal(TimeSpan.Zero, json.RootElement.GetProperty("Timestamp").GetDateTimeOffset().Offset);
    }

    [Fact]
    public void Line_InProduction_HoldsTheMessageAsDocumentsQuoteIt()
    {
        var line = Line(Environments.Production);

        Assert.Contains("it's 3 rows", line, StringComparison.Ordinal);
        Assert.Equal(1, line.Count(character => character == '\n'));
    }

    [Fact]
    public void Line_InDevelopment_IsForPeople() =>
        Assert.EndsWith(" warn Batcher: it's 3 rows" + Environment.NewLine, Line(Environments.Development), StringComparison.Ordinal);

    [Fact]
    public void Line_FormatterInConfiguration_IsUsed() =>
        Assert.EndsWith(" warn Batcher: it's 3 rows" + Environment.NewLine, Line(Environments.Production, "line"), StringComparison.Ordinal);

    private static string Line(string environment, string? formatter = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection([new("Logging:Console:FormatterName", formatter)]);
        builder.AddServiceDefaults();
        using var services = builder.Services.BuildServiceProvider();
        var name = services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.FormatterName;
        using var writer = new StringWriter();
        var entry = new LogEntry<int>(LogLevel.Warning, "SegOps.Ingestor.Batcher", 0, 3, null, (rows, _) => $"it's {rows} rows");
        services.GetServices<ConsoleFormatter>().Single(one => one.Name == name).Write(entry, null, writer);
        return writer.ToString();
    }
}
