using System.Collections.Frozen;
using System.Net.Sockets;
using ClickHouse.Driver;
using Polly.Timeout;

namespace SegOps.Warehouse;

/// <summary>Kinds of failed inserts.</summary>
public enum InsertFailure
{
    /// <summary>The rows did not cause the failure: retry until it succeeds.</summary>
    Transient,

    /// <summary>
    /// ClickHouse answered with an error that the rows or the server can cause. A row is at fault only if the table accepts a known-good row at
    /// the same time.
    /// </summary>
    Refused,
}

/// <summary>Classifies failures. The numbers are those of errorCodeToName() in ClickHouse 26.7.</summary>
public static class InsertFailures
{
    /// <summary>
    /// Overload, shutdown and errors of the installation. They never dead-letter rows. For some of them a known-good row proves nothing: a full
    /// disk can have room for one row and not for another, and each partition has a limit of parts of its own.
    /// </summary>
    private static readonly FrozenSet<int> HeldCodes = new[]
    {
        3,    // UNEXPECTED_END_OF_FILE: the body was truncated in transit
        16,   // NO_SUCH_COLUMN_IN_TABLE: the table is older than this build
        60,   // UNKNOWN_TABLE
        62,   // SYNTAX_ERROR: in our statement
        73,   // UNKNOWN_FORMAT
        74,   // CANNOT_READ_FROM_FILE_DESCRIPTOR
        75,   // CANNOT_WRITE_TO_FILE_DESCRIPTOR: the disk is full
        76,   // CANNOT_OPEN_FILE: no inodes or no file descriptors
        81,   // UNKNOWN_DATABASE
        95,   // CANNOT_READ_FROM_SOCKET
        96,   // CANNOT_WRITE_TO_SOCKET
        115,  // UNKNOWN_SETTING: an older server
        159,  // TIMEOUT_EXCEEDED
        160,  // TOO_SLOW
        164,  // READONLY
        173,  // CANNOT_ALLOCATE_MEMORY
        192,  // UNKNOWN_USER
        193,  // WRONG_PASSWORD
        194,  // REQUIRED_PASSWORD
        195,  // IP_ADDRESS_NOT_ALLOWED
        198,  // DNS_ERROR
        201,  // QUOTA_EXCEEDED
        202,  // TOO_MANY_SIMULTANEOUS_QUERIES
        203,  // NO_FREE_CONNECTION
        204,  // CANNOT_FSYNC
        209,  // SOCKET_TIMEOUT
        210,  // NETWORK_ERROR
        218,  // TABLE_IS_DROPPED
        225,  // NO_ZOOKEEPER
        236,  // ABORTED: the server shuts down
        241,  // MEMORY_LIMIT_EXCEEDED
        242,  // TABLE_IS_READ_ONLY
        243,  // NOT_ENOUGH_SPACE
        252,  // TOO_MANY_PARTS
        279,  // ALL_CONNECTION_TRIES_FAILED
        285,  // TOO_FEW_LIVE_REPLICAS
        286,  // UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE
        319,  // UNKNOWN_STATUS_OF_INSERT
        364,  // RECEIVED_ERROR_TOO_MANY_REQUESTS
        394,  // QUERY_WAS_CANCELLED
        425,  // SYSTEM_ERROR
        439,  // CANNOT_SCHEDULE_TASK
        452,  // SETTING_CONSTRAINT_VIOLATION
        473,  // DEADLOCK_AVOIDED
        497,  // ACCESS_DENIED
        499,  // S3_ERROR
        516,  // AUTHENTICATION_FAILED
        677,  // THREAD_WAS_CANCELED
        700,  // USER_SESSION_LIMIT_EXCEEDED
        733,  // TABLE_IS_BEING_RESTARTED
        735,  // QUERY_WAS_CANCELLED_BY_CLIENT
        745,  // SERVER_OVERLOADED
        776,  // RESOURCE_LIMIT_EXCEEDED
        999,  // KEEPER_EXCEPTION
        1000, // POCO_EXCEPTION: the server's own network library
    }.ToFrozenSet();

    /// <summary>Classifies <paramref name="exception"/>.</summary>
    public static InsertFailure Classify(Exception exception) => exception switch
    {
        ClickHouseException { Code: 0, Status: 400 } => InsertFailure.Refused,
        ClickHouseException { Code: 0 } => InsertFailure.Transient,
        ClickHouseException answer when HeldCodes.Contains(answer.Code) => InsertFailure.Transient,
        ClickHouseException => InsertFailure.Refused,
        // No answer: the network, a deadline or an error of ours, but not of the rows.
        _ => InsertFailure.Transient,
    };

    /// <summary>Describes a failure for logs and health, without data, secrets or addresses.</summary>
    public static string Describe(Exception exception) => exception switch
    {
        ClickHouseException answer => $"ClickHouse answers {answer.Name}",
        ClickHouseServerException answer => $"ClickHouse answers {answer.ErrorCode}",
        TimeoutRejectedException or TimeoutException or OperationCanceledException => "ClickHouse does not answer in time",
        HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } http => $"ClickHouse cannot be reached ({http.HttpRequestError})",
        HttpRequestException or IOException or SocketException => "the connection to ClickHouse broke",
        _ => exception.GetType().Name,
    };
}
