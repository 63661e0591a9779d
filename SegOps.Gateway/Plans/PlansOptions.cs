using Microsoft.Extensions.Options;
using SegOps.Contracts;

namespace SegOps.Gateway.Plans;

/// <summary>Configuration section <c>Plans</c>: the limits of each plan. The defaults are the product documentation's "Rate Limits by Plan".</summary>
internal sealed class PlansOptions
{
    internal const string Section = "Plans";

    /// <summary>The default plan of a new project. Default 60 calls a minute, 500,000 events a month.</summary>
    public PlanOptions Free { get; set; } = new() { CallsPerMinute = 60, EventsPerMonth = 500_000 };

    /// <summary>The smallest paid plan. Default 300 calls a minute, 5,000,000 events a month.</summary>
    public PlanOptions Starter { get; set; } = new() { CallsPerMinute = 300, EventsPerMonth = 5_000_000 };

    /// <summary>The larger paid plan. Default 1,000 calls a minute, 50,000,000 events a month.</summary>
    public PlanOptions Business { get; set; } = new() { CallsPerMinute = 1_000, EventsPerMonth = 50_000_000 };

    /// <summary>The plan whose limits a project can override. Default 10,000 calls a minute, unlimited events.</summary>
    public PlanOptions Enterprise { get; set; } = new() { CallsPerMinute = 10_000 };

    /// <summary>The plan with the name <paramref name="name"/>; null if there is none.</summary>
    internal PlanOptions? Find(string name) => name switch
    {
        PlanNames.Free => Free,
        PlanNames.Starter => Starter,
        PlanNames.Business => Business,
        PlanNames.Enterprise => Enterprise,
        _ => null,
    };
}

/// <summary>The limits of one plan.</summary>
internal sealed class PlanOptions
{
    /// <summary>The highest configurable limit: a project's window then takes about 10 MB in redis-server (measured: 10 bytes a call), 88 MB in Garnet.</summary>
    internal const int MostCallsPerMinute = 1_000_000;

    /// <summary>Calls within any 60 seconds.</summary>
    public int CallsPerMinute { get; set; }

    /// <summary>Live events within a calendar month (UTC); null if unlimited.</summary>
    public long? EventsPerMonth { get; set; }
}

/// <summary>Reports every invalid setting of the plans with its full key.</summary>
internal sealed class PlansValidator : IValidateOptions<PlansOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, PlansOptions options)
    {
        var faults = new List<string>();
        PlanOptions? smaller = null;
        foreach (var planName in PlanNames.All)
        {
            var plan = options.Find(planName)!;
            var key = $"{PlansOptions.Section}:{char.ToUpperInvariant(planName[0])}{planName[1..]}";
            if (plan.CallsPerMinute is < 1 or > PlanOptions.MostCallsPerMinute)
                faults.Add($"{key}:CallsPerMinute must be from 1 to {PlanOptions.MostCallsPerMinute}.");
            else if (plan.CallsPerMinute < smaller?.CallsPerMinute)
                faults.Add($"{key}:CallsPerMinute must not be below that of the plan before it.");
            if (plan.EventsPerMonth is < 1)
                faults.Add($"{key}:EventsPerMonth must be at least 1.");
            else if (plan.EventsPerMonth is null && planName != PlanNames.Enterprise)
                faults.Add($"{key}:EventsPerMonth is required: only Enterprise is without limit.");
            else if (plan.EventsPerMonth < smaller?.EventsPerMonth)
                faults.Add($"{key}:EventsPerMonth must not be below that of the plan before it.");
            smaller = plan;
        }
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
