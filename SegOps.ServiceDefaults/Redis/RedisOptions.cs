using System.ComponentModel.DataAnnotations;

namespace SegOps.ServiceDefaults.Redis;

/// <summary>Configuration section <c>Redis</c>, and the connection string <c>redis</c>.</summary>
public sealed class RedisOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Redis";

    /// <summary><c>ConnectionStrings:redis</c> in StackExchange.Redis's form; no default.</summary>
    [Required(ErrorMessage = "ConnectionStrings:redis is required, for example localhost:6379 or host:6380,password=...,ssl=true.")]
    public string ConnectionString { get; set; } = "";

    /// <summary>How long one request waits for Redis altogether before it goes on without it. Default 50 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00", ErrorMessage = "Redis:Deadline must be from 00:00:00.001 to 00:01:00.")]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a command may take for which no request waits. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:01:00", ErrorMessage = "Redis:CommandTimeout must be from 00:00:00.01 to 00:01:00.")]
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(1);
}
