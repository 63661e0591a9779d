namespace SegOps.PubSub;

/// <summary>A message to publish; at most 9 MB with its attributes (Pub/Sub itself takes 10 MB a request).</summary>
/// <param name="Data">The payload; not changed by the caller until the publish has ended, for it is not copied.</param>
/// <param name="Attributes">At most 99, keys of at most 256 bytes and values of at most 1,024 bytes of UTF-8; <c>googclient_traceparent</c> is set by the publisher.</param>
public sealed record OutgoingMessage(ReadOnlyMemory<byte> Data, IReadOnlyDictionary<string, string> Attributes);
