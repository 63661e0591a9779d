using SegOps.AppHost.Lifecycle;

namespace SegOps.AppHost;

/// <summary>
/// Where the dashboard and what it talks to listen: as the launch profile says, and on free ports where another checkout's run has those, or
/// where there is no launch profile.
/// </summary>
internal static class DashboardAddresses
{
    private static readonly (string Variable, int Port)[] Addresses =
    [
        ("ASPNETCORE_URLS", 15180), ("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", 19180), ("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL", 20180),
    ];

    /// <summary>Held while this process runs. Ports are bound seconds after they are chosen: two runs that start together would choose the same.</summary>
    private static FileStream? s_claim;

    /// <summary>What to add to the app host's arguments.</summary>
    public static IEnumerable<string> Arguments()
    {
        var isClaimed = Claim();
        foreach (var (variable, port) in Addresses)
        {
            var named = Environment.GetEnvironmentVariable(variable);
            var address = new UriBuilder(named?.Split(';')[0] ?? $"http://localhost:{port}");
            var isFree = isClaimed && PortHolder.IsFree(address.Port);
            if (named is not null && isFree)
                continue;
            if (!isFree)
                address.Port = PortHolder.Free();
            yield return $"--{variable}={address.Uri.GetLeftPart(UriPartial.Authority)}";
        }

        // They all are of this machine and need no certificate.
        yield return "--ASPIRE_ALLOW_UNSECURED_TRANSPORT=true";
        if (Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") is null && Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT") is null)
            yield return "--environment=Development";
    }

    private static bool Claim()
    {
        try
        {
            s_claim ??= new(Path.Combine(Path.GetTempPath(), "segops-dashboard.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false; // another run's, or another user's
        }
    }
}
