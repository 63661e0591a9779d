namespace SegOps.Conformance.Playing;

/// <summary>What scenarios send. Whatever must not be in a log holds <see cref="Marker"/>.</summary>
internal static class Sample
{
    public const string Marker = "mrkr7f3a";
    public const string Key = "sk_test_" + Marker + "00000000000000000000000000000001";
    public const string UserId = "user-" + Marker + "@example.com";
    public const string EventType = "order_placed";

    /// <summary>A valid event.</summary>
    public static object Event { get; } = new { userId = UserId, eventType = EventType, payload = new { note = Marker, total = 89.95, paid = true } };

    /// <summary>An event whose payload has about this many bytes.</summary>
    public static object Sized(int bytes) => new { userId = UserId, eventType = EventType, payload = new { note = Text(bytes - 11) } };

    /// <summary>This many ASCII characters, which do not compress to nothing, with the marker first.</summary>
    public static string Text(int length) => string.Create(length, 0, static (span, _) =>
    {
        var random = new Random(1);
        for (var i = 0; i < span.Length; i++)
            span[i] = i < Marker.Length ? Marker[i] : (char)('a' + random.Next(26));
    });
}
