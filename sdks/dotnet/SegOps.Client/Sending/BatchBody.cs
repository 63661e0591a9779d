using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace SegOps.Client.Sending;

/// <summary>The body of a request: <c>{"sent_at":"…","events":[…]}</c>. A new one for each attempt, because <c>sent_at</c> is the attempt's.</summary>
internal static class BatchBody
{
    /// <summary>Bytes besides the events and a comma for each.</summary>
    public const int Overhead = 49;

    /// <summary>Below it compression saves no packet.</summary>
    public const int MinCompressed = 1024;

    public static byte[] Write(IReadOnlyList<QueuedEvent> batch, DateTimeOffset sentAt)
    {
        var time = sentAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var head = Encoding.ASCII.GetBytes($"{{\"sent_at\":\"{time}\",\"events\":[");
        var body = new byte[head.Length + batch.Sum(queued => queued.Json.Length + 1) + 1];
        head.CopyTo(body, 0);
        var end = head.Length;
        foreach (var queued in batch)
        {
            queued.Json.CopyTo(body, end);
            end += queued.Json.Length;
            body[end++] = (byte)',';
        }

        body[end - 1] = (byte)']';
        body[end] = (byte)'}';
        return body;
    }

    public static byte[] Compress(byte[] body)
    {
        using var compressed = new MemoryStream(body.Length / 4);
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(body, 0, body.Length);
        }

        return compressed.ToArray();
    }
}
