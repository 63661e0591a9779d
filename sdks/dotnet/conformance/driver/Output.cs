using System.Text.Json.Nodes;

namespace SegOps.Client.Driver;

/// <summary>Whole lines on stdout, from any thread.</summary>
internal static class Output
{
    private static readonly Lock Lock = new();
    private static readonly TextWriter Writer = Console.Out;

    public static void Reply(JsonObject command, JsonObject reply)
    {
        reply.Insert(0, "id", command["id"]?.DeepClone());
        Write(reply);
    }

    public static void Fail(JsonObject command, Exception exception) =>
        Reply(command, new JsonObject { ["ok"] = false, ["error"] = exception.Message });

    public static void Write(JsonObject line)
    {
        lock (Lock)
        {
            Writer.WriteLine(line.ToJsonString());
            Writer.Flush();
        }
    }
}
