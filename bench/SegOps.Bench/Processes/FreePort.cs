using System.Net;
using System.Net.Sockets;

namespace SegOps.Bench.Processes;

/// <summary>Finds free TCP ports on the loopback address.</summary>
internal static class FreePort
{
    // Below Linux's range for outgoing connections (from 32768), which could take the port between the check and its use.
    private const int First = 20_000;
    private const int Last = 32_000;

    /// <summary>Returns a random port that is not in use.</summary>
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
                // The port is in use.
            }
        }
    }
}
