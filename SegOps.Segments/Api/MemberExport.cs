using System.Globalization;
using System.Text;
using System.Text.Json;
using SegOps.Contracts;
using SegOps.Segments.Membership;
using SegOps.Segments.Store;
using SegOps.ServiceDefaults.Redis;
using SegOps.Warehouse;

namespace SegOps.Segments.Api;

/// <summary>Streams all members of a segment, as of one moment.</summary>
internal sealed class MemberExport(SegmentStore store, MemberReader members, MemberProperties traits)
{
    /// <summary>Members that are read and written at once.</summary>
    private const int Page = 5_000;

    private static readonly byte[] NewLine = "\n"u8.ToArray();

    /// <summary>Writes the answer. CSV cannot say that it ended early, so its connection is aborted then.</summary>
    internal async Task WriteAsync(HttpContext context, Place place, Guid segment, string[] names, AnswerFormat format)
    {
        var (response, stop) = (context.Response, context.RequestAborted);
        MemberPage? page = null;
        do
        {
            try
            {
                if (page is not null && await store.GetAsync(place.Project, place.Environment, segment, stop) is null)
                {
                    await EndAsync(context, format, StreamEnd.Deleted);
                    return;
                }
                page = await members.PageAsync(place, segment, page?.Next, Page, stop);
                var values = await traits.ReadAsync(place, names, page.Members, stop);
                if (!response.HasStarted)
                    await BeginAsync(response, names, format);
                await response.BodyWriter.WriteAsync(format == AnswerFormat.Csv ? Csv(page, names, values) : Lines(page, values), stop);
            }
            catch (Exception exception) when (response.HasStarted && exception is WarehouseUnavailableException or RedisUnavailableException)
            {
                await EndAsync(context, format, exception is WarehouseUnavailableException ? ErrorCodes.WarehouseUnavailable : ErrorCodes.SegmentsUnavailable);
                return;
            }
        }
        while (page.Next is not null);
    }

    private static async Task BeginAsync(HttpResponse response, string[] names, AnswerFormat format)
    {
        response.ContentType = format == AnswerFormat.Csv ? AnswerFormats.Csv + "; charset=utf-8" : AnswerFormats.Lines;
        if (format != AnswerFormat.Csv)
            return;
        response.Headers.ContentDisposition = "attachment; filename=\"members.csv\"";
        await response.WriteAsync(string.Join(',', names.Select(CsvRow.Cell).Prepend("since").Prepend("user_id")) + "\r\n");
    }

    private static async Task EndAsync(HttpContext context, AnswerFormat format, string reason)
    {
        if (format == AnswerFormat.Csv)
        {
            context.Abort();
            return;
        }
        await context.Response.BodyWriter.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(new(reason), LinesJson.Default.StreamEnd));
        await context.Response.BodyWriter.WriteAsync(NewLine);
    }

    private static byte[] Csv(MemberPage page, string[] names, IReadOnlyDictionary<string, IReadOnlyDictionary<string, JsonElement>>? values)
    {
        var text = new StringBuilder();
        foreach (var member in page.Members)
        {
            text.Append(CsvRow.Cell(member.UserId)).Append(',').Append(member.Since.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
            foreach (var name in names)
                text.Append(',').Append(CsvRow.Cell(values!.GetValueOrDefault(member.UserId, MemberProperties.None).GetValueOrDefault(name)));
            text.Append("\r\n");
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static byte[] Lines(MemberPage page, IReadOnlyDictionary<string, IReadOnlyDictionary<string, JsonElement>>? values)
    {
        using var lines = new MemoryStream();
        foreach (var member in page.Members)
        {
            var line = new MemberAnswer(member.UserId, member.Since.UtcDateTime, values?.GetValueOrDefault(member.UserId, MemberProperties.None));
            JsonSerializer.Serialize(lines, line, LinesJson.Default.MemberAnswer);
            lines.Write(NewLine);
        }
        return lines.ToArray();
    }
}
