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

    /// <summary>ClickHouse refuses the rows permanently: isolate the faulty ones.</summary>
    Rejected,

    /// <summary>The code does not identify the kind: retry a few times, then treat it as <see cref="Rejected"/>.</summary>
    Unknown,
}

/// <summary>Classifies failures. The numbers are those of errorCodeToName() in ClickHouse 26.7.</summary>
public static class InsertFailures
{
    /// <summary>Attempts after which an <see cref="InsertFailure.Unknown"/> failure is treated as <see cref="InsertFailure.Rejected"/>.</summary>
    public const int UnknownAttempts = 5;

    /// <summary>Overload, shutdown and errors of the installation. They must not dead-letter rows.</summary>
    private static readonly FrozenSet<int> HeldCodes = new[]
    {
        3,    // UNEXPECTED_END_OF_FILE: the body was truncated in transit
        16,   // NO_SUCH_COLUMN_IN_TABLE: the table is older than this build
        60,   // UNKNOWN_TABLE
        62,   // SYNTAX_ERROR: in our statement
        73,   // UNKNOWN_FORMAT
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

    /// <summary>Errors of the rows: they do not parse, do not fit, or violate a constraint.</summary>
    private static readonly FrozenSet<int> RejectedCodes = new[]
    {
        6,    // CANNOT_PARSE_TEXT
        25,   // CANNOT_PARSE_ESCAPE_SEQUENCE
        26,   // CANNOT_PARSE_QUOTED_STRING
        27,   // CANNOT_PARSE_INPUT_ASSERTION_FAILED
        32,   // ATTEMPT_TO_READ_AFTER_EOF
        33,   // CANNOT_READ_ALL_DATA
        38,   // CANNOT_PARSE_DATE
        41,   // CANNOT_PARSE_DATETIME
        53,   // TYPE_MISMATCH
        69,   // ARGUMENT_OUT_OF_BOUND
        70,   // CANNOT_CONVERT_TYPE
        72,   // CANNOT_PARSE_NUMBER
        117,  // INCORRECT_DATA
        128,  // TOO_LARGE_ARRAY_SIZE
        131,  // TOO_LARGE_STRING_SIZE
        271,  // CANNOT_DECOMPRESS
        321,  // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
        349,  // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
        376,  // CANNOT_PARSE_UUID
        407,  // DECIMAL_OVERFLOW
        441,  // CANNOT_PARSE_DOMAIN_VALUE_FROM_STRING
        469,  // VIOLATED_CONSTRAINT
        561,  // ZSTD_DECODER_FAILED
        632,  // UNEXPECTED_DATA_AFTER_PARSED_VALUE
    }.ToFrozenSet();

    /// <summary>Classifies <paramref name="exception"/>.</summary>
    public static InsertFailure Classify(Exception exception) => exception switch
    {
        ClickHouseException { Code: 0, Status: 400 } => InsertFailure.Unknown,
        ClickHouseException { Code: 0 } => InsertFailure.Transient,
        ClickHouseException answer when HeldCodes.Contains(answer.Code) => InsertFailure.Transient,
        ClickHouseException answer when RejectedCodes.Contains(answer.Code) => InsertFailure.Rejected,
        ClickHouseException => InsertFailure.Unknown,
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
