using SegOps.AppHost.Lifecycle;

namespace SegOps.AppHost;

/// <summary>
/// The addresses of the dashboard and its services. They come from the launch profile or the defaults. Ports that are in use, for example by
/// another checkout, are replaced by free ones.
/// </summary>
internal static class DashboardAddresses
{
    private static readonly (string Variable, int Port)[] Addresses =
    [
        ("ASPNETCORE_URLS", 15180), ("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", 19180), ("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL", 20180),
    ];

    /// <summary>Held while this process runs. Ports are bound seconds after they are chosen, so two simultaneous starts would choose the same ones.</summary>
    private static FileStream? s_claim;

    /// <summary>Arguments to add to the app host's.</summary>
    public static IEnumerable<string> Arguments()
    {
        var isClaimed = Claim();
        foreach (var (variable, port) in Addresses)
        {
            var configured = Environment.GetEnvironmentVariable(variable);
            var address = new UriBuilder(configured?.Split(';')[0] ?? $"http://localhost:{port}");
            var isFree = isClaimed && PortHolder.IsFree(address.Port);
            if (configured is not null && isFree)
                continue;
            if (!isFree)
                address.Port = PortHolder.Free();
            yield return $"--{variable}={address.Uri.GetLeftPart(UriPartial.Authority)}";
        }

        // All addresses are local, so no certificate is needed.
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
            return false; // held by another run or owned by another user
        }
    }
}
