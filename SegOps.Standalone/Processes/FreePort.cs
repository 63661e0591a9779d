using System.Net;
using System.Net.Sockets;

namespace SegOps.Standalone.Processes;

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
            if (IsFree(port))
                return port;
        }
    }

    /// <summary>Whether nobody listens on <paramref name="port"/> of the loopback or of every address.</summary>
    public static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
