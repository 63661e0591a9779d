using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using SegOps.Tests.Fixtures;

namespace SegOps.Tests.Integration.Gateway.Security;

/// <summary>Bytes on a socket, as no HTTP client would send them.</summary>
internal static class Wire
{
    /// <summary>Sends <paramref name="bytes"/> and reads all that comes until the server closes; a reset counts as its end.</summary>
    public static async Task<string> ExchangeAsync(Uri server, string bytes)
    {
        using var socket = new TcpClient();
        var answer = new MemoryStream();
        try
        {
            await socket.ConnectAsync(server.Host, server.Port, TestContext.Current.CancellationToken);
            var stream = socket.GetStream();
            await stream.WriteAsync(Encoding.Latin1.GetBytes(bytes), TestContext.Current.CancellationToken);
            await stream.CopyToAsync(answer, TestContext.Current.CancellationToken).Patiently();
        }
        catch (Exception cut) when (cut is IOException or SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            // The server cut the connection, perhaps before connecting was through: what it said before is its answer.
        }
        return Encoding.Latin1.GetString(answer.ToArray());
    }

    /// <summary>An upstream's handler that reads bodies to their end into <paramref name="bodies"/>.</summary>
    public static RequestDelegate Reading(ConcurrentQueue<string> bodies) => async context =>
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.Latin1);
        bodies.Enqueue(await reader.ReadToEndAsync(context.RequestAborted));
        await context.Response.WriteAsync("from upstream");
    };
}
