using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SegOps.AppHost.Lifecycle;

/// <summary>Who listens on a TCP port of this machine.</summary>
internal static class PortHolder
{
    private const string Listening = "0A";
    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

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

    /// <summary>A port that nobody listens on now.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The process that listens there, in words; processes of other users and other systems than Linux keep their names to themselves.</summary>
    public static string Describe(int port)
    {
        var sockets = Sockets(port);
        foreach (var process in sockets.Count > 0 ? Process.GetProcesses() : [])
            using (process)
                if (Holds(process.Id, sockets))
                    return string.Create(CultureInfo.InvariantCulture, $"process {process.Id} ({process.ProcessName})");
        return string.Create(CultureInfo.InvariantCulture, $"another process (lsof -i :{port} names it)");
    }

    /// <summary>proc_net(5): local address and port in hexadecimal, the state, and as tenth word the socket's inode.</summary>
    private static HashSet<string> Sockets(int port)
    {
        var suffix = string.Create(CultureInfo.InvariantCulture, $":{port:X4}");
        return [.. Tables
            .Where(File.Exists)
            .SelectMany(File.ReadLines)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words.Length > 9 && words[1].EndsWith(suffix, StringComparison.Ordinal) && words[3] == Listening)
            .Select(words => $"socket:[{words[9]}]")];
    }

    private static bool Holds(int processId, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFiles($"/proc/{processId}/fd").Any(file => new FileInfo(file).LinkTarget is { } target && sockets.Contains(target));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
