using System.Text;
using Candlefish.Secrets.Builtin.Auth.Userpass;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Builtin.Auth.Userpass;

public sealed class PasswordHashTests
{
    private static readonly byte[] Password = Encoding.UTF8.GetBytes("correct horse");

    [Fact]
    public void Hash_ofEachAlgorithm_namesItAndVerifies()
    {
        foreach (PasswordAlgorithm algorithm in Enum.GetValues<PasswordAlgorithm>())
        {
            if (algorithm == PasswordAlgorithm.Argon2id && !Libsodium.IsPresent)
                continue;
            string hash = PasswordHash.Create(algorithm, Password);
            Assert.StartsWith(algorithm == PasswordAlgorithm.Argon2id ? "$argon2id$v=19$m=65536,t=2,p=1$" : "$pbkdf2-sha256$i=600000$", hash, StringComparison.Ordinal);
            Assert.Equal(algorithm, PasswordHash.AlgorithmOf(hash));
            Assert.True(PasswordHash.Verify(hash, Password));
            Assert.False(PasswordHash.Verify(hash, "correct hors"u8.ToArray()));
            Assert.False(PasswordHash.Verify(hash, []));
            Assert.NotEqual(hash, PasswordHash.Create(algorithm, Password));
        }
    }

    /// <summary>Hashes made by other software verify: Python's hashlib.</summary>
    [Fact]
    public void Hash_ofAnotherImplementation_verifies()
    {
        Assert.True(PasswordHash.Verify("$pbkdf2-sha256$i=1000$AAECAwQFBgcICQoLDA0ODw==$yRTMTwbMbo9G0VfjobWqerzuuxe7BETNTErBbKKumGQ=", Password));
    }

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("$pbkdf2-sha256$i=0$AAAA$AAAA")]
    [InlineData("$pbkdf2-sha256$i=1$AAAA")]
    public void Text_thatIsNoHash_isAnError(string text) => Assert.Throws<FormatException>(() => PasswordHash.Verify(text, Password));

    [Fact]
    public void Argon2id_damaged_verifiesNothing()
    {
        if (!Libsodium.IsPresent)
            return;
        string hash = PasswordHash.Create(PasswordAlgorithm.Argon2id, Password);
        Assert.False(PasswordHash.Verify(hash[..^2], Password));
        Assert.False(PasswordHash.Verify(hash + new string('A', 200), Password));
    }
}
