using Microsoft.Net.Http.Headers;

namespace SegOps.Segments.Api;

/// <summary>The forms of an answer.</summary>
internal enum AnswerFormat
{
    /// <summary>application/json, the default.</summary>
    Json,

    /// <summary>text/csv.</summary>
    Csv,

    /// <summary>application/x-ndjson: one JSON object per line.</summary>
    Lines,
}

/// <summary>Chooses the form of an answer.</summary>
internal static class AnswerFormats
{
    internal const string Csv = "text/csv";
    internal const string Lines = "application/x-ndjson";

    /// <summary>The form of <paramref name="formats"/> that the client prefers, JSON if it takes neither.</summary>
    internal static AnswerFormat Preferred(HttpRequest request, params AnswerFormat[] formats)
    {
        var accepted = request.GetTypedHeaders().Accept.OrderByDescending(static type => type.Quality ?? 1);
        foreach (var type in accepted)
            foreach (var format in (AnswerFormat[])[AnswerFormat.Json, .. formats])
                if (type.Quality != 0 && new MediaTypeHeaderValue(NameOf(format)).IsSubsetOf(type))
                    return format;
        return AnswerFormat.Json;
    }

    private static string NameOf(AnswerFormat format) => format switch
    {
        AnswerFormat.Csv => Csv,
        AnswerFormat.Lines => Lines,
        _ => "application/json",
    };
}
