namespace SegOps.Tests.Fixtures;

/// <summary>Names that no other test uses.</summary>
internal static class Unique
{
    /// <summary><paramref name="prefix"/> and 32 hexadecimal digits.</summary>
    public static string Name(string prefix) => prefix + Guid.NewGuid().ToString("N");
}
