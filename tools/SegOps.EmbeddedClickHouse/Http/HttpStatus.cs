using System.Collections.Frozen;

namespace SegOps.EmbeddedClickHouse.Http;

/// <summary>clickhouse-server's HTTP status for an error code (src/Server/HTTP/exceptionCodeToHTTPStatus.cpp).</summary>
internal static class HttpStatus
{
    private static readonly FrozenDictionary<int, int> ByCode = new (int Status, int[] Codes)[]
    {
        (400, [6, 8, 15, 25, 26, 27, 36, 37, 38, 41, 44, 53, 62, 72, 117, 123, 167, 168, 223, 321, 376, 427, 441, 675, 676]),
        (401, [194]),
        (403, [192, 193, 497, 512, 516]),
        (404, [46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 152, 336, 511]),
        (408, [159]),
        (411, [381]),
        (413, [229]),
        (415, [779]),
        (501, [48]),
        (503, [76, 209, 439]),
    }.SelectMany(group => group.Codes, (group, code) => KeyValuePair.Create(code, group.Status)).ToFrozenDictionary();

    /// <summary>The status for an error. 500 if it is not listed.</summary>
    public static int Of(int errorCode) => ByCode.GetValueOrDefault(errorCode, StatusCodes.Status500InternalServerError);
}
