using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Options;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Tests.Unit.ServiceDefaults;

public sealed class ServiceHostTests
{
    [Fact]
    public async Task RunServiceAsync_SeveralOptionsAreWrong_NamesEveryFaultAtOnce()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddValidatedOptions<FirstOptions, FirstOptionsValidator>("First");
        builder.Services.AddValidatedOptions<SecondOptions, SecondOptionsValidator>("Second");
        await using var app = builder.Build();
        using var errors = new StringWriter();

        var status = await app.RunServiceAsync(errors);

        Assert.Equal(ServiceHost.ConfigurationFault, status);
        Assert.Contains("First:A is required", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("First:B is required", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("Second:C is required", errors.ToString(), StringComparison.Ordinal);
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
    [Required(ErrorMessage = "Second:C is required")]
    public string? C { get; set; }
}

[OptionsValidator]
internal sealed partial class FirstOptionsValidator : IValidateOptions<FirstOptions>;

[OptionsValidator]
internal sealed partial class SecondOptionsValidator : IValidateOptions<SecondOptions>;
