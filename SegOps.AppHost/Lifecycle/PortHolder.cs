using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SegOps.AppHost.Lifecycle;

/// <summary>Finds free TCP ports, and the process that uses a port.</summary>
internal static class PortHolder
{
    private const string Listening = "0A";
    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <summary>Whether <paramref name="port"/> is free on the loopback address.</summary>
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

    /// <summary>A port that is currently free.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Describes the process that listens on <paramref name="port"/>; by id and name on Linux, if it belongs to the current user.</summary>
    public static string Describe(int port)
    {
        var sockets = Sockets(port);
        foreach (var process in sockets.Count > 0 ? Process.GetProcesses() : [])
            using (process)
                if (Holds(process.Id, sockets))
                    return string.Create(CultureInfo.InvariantCulture, $"process {process.Id} ({process.ProcessName})");
        return string.Create(CultureInfo.InvariantCulture, $"another process (lsof -i :{port} names it)");
    }

    /// <summary>Format, by proc_net(5): word 2 is the local address and port in hexadecimal, word 4 the state, word 10 the socket's inode.</summary>
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
