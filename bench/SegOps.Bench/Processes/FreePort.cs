using System.Net;
using System.Net.Sockets;

namespace SegOps.Bench.Processes;

/// <summary>TCP ports on the loopback address.</summary>
internal static class FreePort
{
    // Below Linux's range for outgoing connections (32768 on), so that none can take the port between the check and its use.
    private const int First = 20_000;
    private const int Last = 32_000;

    /// <summary>A random port that nobody listens on now.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, Last);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody listens there.
            }
        }
    }
}
