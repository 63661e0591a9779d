namespace SegOps.Monitoring.EventTypes;

/// <summary>The event types of a window that came most often; times are UTC.</summary>
/// <param name="Window">Name of the window.</param>
/// <param name="From">Its begin.</param>
/// <param name="To">Its end, which lies ahead.</param>
/// <param name="Total">Events of all types.</param>
/// <param name="Distinct">How many types there are.</param>
/// <param name="EventTypes">The most frequent ones, in order.</param>
internal sealed record EventTypesAnswer(string Window, DateTime From, DateTime To, long Total, long Distinct, IReadOnlyList<EventTypeCount> EventTypes);

/// <summary>One event type.</summary>
/// <param name="EventType">Its name.</param>
/// <param name="Count">Its events in the window.</param>
/// <param name="Share">What part of all events of the window that is, from 0 to 1.</param>
/// <param name="Previous">Its events in the window before, which is as long.</param>
/// <param name="Trend">By what part it grew since then, below 0 if it fell; absent when there were none before.</param>
internal sealed record EventTypeCount(string EventType, long Count, double Share, long Previous, double? Trend);
