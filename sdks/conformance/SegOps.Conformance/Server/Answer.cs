using System.Globalization;
using System.Text;

namespace SegOps.Conformance.Server;

/// <summary>What the server does with a request.</summary>
internal abstract record Answer;

/// <summary>Answers by HTTP.</summary>
internal sealed record HttpAnswer(int Status, string Reason) : Answer
{
    public string? ContentType { get; init; }

    public byte[] Body { get; init; } = [];

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The events that the client may count as accepted when it has read this answer.</summary>
    public IReadOnlyList<string> Accepted { get; init; } = [];

    /// <summary>The bytes on the wire.</summary>
    public byte[] Bytes()
    {
        var head = new StringBuilder().Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {Status} {Reason}\r\n");
        if (ContentType is not null)
            head.Append(CultureInfo.InvariantCulture, $"Content-Type: {ContentType}\r\n");
        head.Append(CultureInfo.InvariantCulture, $"Date: {DateTimeOffset.UtcNow:R}\r\n");
        foreach (var (name, value) in Headers)
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        if (Status != 204)
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {Body.Length}\r\n");
        return [.. Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), .. Body];
    }

    public HttpAnswer With(string header, string value) =>
        this with { Headers = new Dictionary<string, string>(Headers) { [header] = value } };

    public override string ToString() => $"{Status} {Reason}";
}

/// <summary>Gives the answer when the task has ended, and none if the client closes before.</summary>
internal sealed record Held(Task Until, Answer Then) : Answer
{
    public override string ToString() => $"held: {Then}";
}

/// <summary>Never answers; the client has to close.</summary>
internal sealed record Silence : Answer
{
    public override string ToString() => "silence";
}

/// <summary>Sends the first bytes of an answer and closes: in order, or with a reset.</summary>
internal sealed record BrokenOff(HttpAnswer Whole, int Bytes, bool Resets = false) : Answer
{
    public override string ToString() => $"the first {Bytes} bytes of {Whole}";
}
