namespace SegOps.Gateway.Limits;

/// <summary>What one project may use.</summary>
/// <param name="CallsPerMinute">Calls within any 60 seconds.</param>
/// <param name="EventsPerMonth">Live events within a calendar month (UTC); null for no limit.</param>
internal readonly record struct ProjectLimits(int CallsPerMinute, long? EventsPerMonth);
