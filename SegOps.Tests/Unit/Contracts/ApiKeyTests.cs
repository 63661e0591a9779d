using SegOps.Contracts;

namespace SegOps.Tests.Unit.Contracts;

public sealed class ApiKeyTests
{
    [Theory]
    [InlineData(Environments.Live, "sk_live_")]
    [InlineData(Environments.Test, "sk_test_")]
    public void Generate_Environment_IsReadBackFromTheKey(string environment, string prefix)
    {
        var text = ApiKey.Generate(environment);

        Assert.StartsWith(prefix, text, StringComparison.Ordinal);
        Assert.True(ApiKey.TryParse(text, out var key));
        Assert.Equal(environment, key.Environment);
    }

    [Theory]
    [InlineData(ApiKeyKind.Secret, "sk_test_")]
    [InlineData(ApiKeyKind.Publishable, "pk_test_")]
    public void Generate_Kind_IsReadBackFromTheKey(ApiKeyKind kind, string prefix)
    {
        var text = ApiKey.Generate(Environments.Test, kind);

        Assert.StartsWith(prefix, text, StringComparison.Ordinal);
        Assert.True(ApiKey.TryParse(text, out var key));
        Assert.Equal((kind, Environments.Test), (key.Kind, key.Environment));
    }

    [Fact]
    public void Generate_AnyKind_HasTheSameLength() => Assert.Equal(
        ApiKey.Generate(Environments.Live).Length, ApiKey.Generate(Environments.Live, ApiKeyKind.Publishable).Length);

    [Fact]
    public void TryParse_PrefixOfTheOtherKind_IsRefused() => Assert.False(ApiKey.TryParse("sk" + ApiKey.Generate(Environments.Live, ApiKeyKind.Publishable)[2..], out _));

    [Fact]
    public void Generate_UnknownEnvironment_Throws() => Assert.Throws<ArgumentException>(() => ApiKey.Generate("prod", ApiKeyKind.Publishable));

    [Theory]
    [InlineData(ApiKeyKind.Secret)]
    [InlineData(ApiKeyKind.Publishable)]
    public void TryParse_AnyOneCharacterChanged_IsRefused(ApiKeyKind kind)
    {
        var text = ApiKey.Generate(Environments.Live, kind);

        for (var i = 0; i < text.Length; i++)
        {
            var changed = text[..i] + (text[i] == 'x' ? 'y' : 'x') + text[(i + 1)..];
            Assert.False(ApiKey.TryParse(changed, out _), $"a change at {i} went unseen");
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("sk_live_...")]
    [InlineData("sk_prod_0000000000000000000000000000000000000")]
    [InlineData("pk_prod_0000000000000000000000000000000000000")]
    [InlineData("PK_live_0000000000000000000000000000000000000")]
    public void TryParse_NotAKey_IsRefused(string? text) => Assert.False(ApiKey.TryParse(text, out _));

    [Fact]
    public void Hash_OfAKey_IsLowerCaseHexSha256OfTheWholeKey()
    {
        var text = ApiKey.WithChecksum("sk_test_" + new string('0', 32));

        Assert.True(ApiKey.TryParse(text, out var key));
        var digest = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(text));
        Assert.Equal(Convert.ToHexStringLower(digest), key.Hash);
    }

    [Fact]
    public void Equals_SameKeyReadTwice_IsTrueAndOtherKeysAreNot()
    {
        var text = ApiKey.Generate(Environments.Live);
        Assert.True(ApiKey.TryParse(text, out var key));
        Assert.True(ApiKey.TryParse(text, out var again));
        Assert.True(ApiKey.TryParse(ApiKey.Generate(Environments.Live), out var other));

        Assert.Equal(key, again);
        Assert.Equal(key.GetHashCode(), again.GetHashCode());
        Assert.NotEqual(key, other);
    }
}
