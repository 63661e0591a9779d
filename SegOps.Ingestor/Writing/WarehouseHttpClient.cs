using System.Net;

namespace SegOps.Ingestor.Writing;

/// <summary>
/// The connections to ClickHouse. Not from the factory: its handlers repeat and time out by rules for short calls, where an insert has
/// <see cref="PatientInserter"/>'s.
/// </summary>
internal sealed class WarehouseHttpClient : HttpClient
{
    /// <summary>Connections are made within 5 s and renewed every 5 minutes, which follows changes of DNS.</summary>
    public WarehouseHttpClient()
        : base(new SocketsHttpHandler
        {
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        }) => Timeout = System.Threading.Timeout.InfiniteTimeSpan;
}
