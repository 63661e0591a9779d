using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Tests.Unit.ServiceDefaults;

public sealed class ServiceHostTests
{
    [Fact]
    public async Task RunServiceAsync_SeveralOptionsAreWrong_NamesEveryFaultAtOnce()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddValidatedOptions<FirstOptions>("First");
        builder.Services.AddValidatedOptions<SecondOptions>("Second");
        await using var app = builder.Build();
        using var errors = new StringWriter();

        var status = await app.RunServiceAsync(errors);

        Assert.Equal(ServiceHost.ConfigurationFault, status);
        Assert.Contains("First:A is required", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("First:B is required", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("Second:C must be between 1 and 10", errors.ToString(), StringComparison.Ordinal);
    }
}

internal sealed class FirstOptions
{
    [Required(ErrorMessage = "First:A is required")]
    public string? A { get; set; }

    [Required(ErrorMessage = "First:B is required")]
    public string? B { get; set; }
}

internal sealed class SecondOptions
{
    [Range(1, 10, ErrorMessage = "Second:C must be between 1 and 10")]
    public int C { get; set; }
}
