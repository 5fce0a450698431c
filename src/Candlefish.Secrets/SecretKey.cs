using System.Buffers;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Candlefish.Secrets.Files;
using Microsoft.Win32.SafeHandles;

namespace Candlefish.Secrets;

/// <summary>
/// A secret key of exactly 32 bytes in native, locked memory that is zeroed on <see cref="Dispose"/>.
/// </summary>
/// <remarks>
/// The promises are those of <see cref="Secret"/>: no printable form, no clone, no content equality, one way to the
/// bytes (<see cref="Use{TState}"/>), thread-safe, <see cref="ObjectDisposedException"/> after Dispose.
/// </remarks>
/// <example><code>
/// using SecretKey key = SecretKey.DeriveFromToken(token, "candlefish-seal-key-v1");
/// key.Use(mac, static (bytes, into) => HMACSHA256.HashData(bytes, "message"u8, into));
/// </code></example>
[DebuggerDisplay("SecretKey [redacted]")]
[DebuggerTypeProxy(typeof(RedactedDebugView))]
[JsonConverter(typeof(SecretKeyJsonConverter))]
public sealed class SecretKey : IDisposable
{
    /// <summary>Length of every key.</summary>
    public const int SizeBytes = 32;

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private readonly SecretBuffer _bytes;

    private SecretKey(SecretBuffer bytes)
    {
        _bytes = bytes;
    }

    /// <summary>Whether the key is gone.</summary>
    public bool IsDisposed => _bytes.IsDisposed;

    /// <summary>Copies 32 bytes. The source stays the caller's, who zeroes it.</summary>
    /// <exception cref="SecretException"><see cref="SecretErrorKind.InvalidFormat"/>: another length.</exception>
    public static SecretKey FromBytes(ReadOnlySpan<byte> bytes) =>
        bytes.Length == SizeBytes
            ? new SecretKey(SecretBuffer.CopyOf(bytes))
            : throw SecretException.InvalidFormat($"expected {SizeBytes} bytes, got {bytes.Length}");

    /// <summary>A new key from the system's cryptographic random generator.</summary>
    public static SecretKey Generate() => new(SecretBuffer.CreateRandom(SizeBytes));

    /// <summary>
    /// Loads a file of at most 1 KiB with 64 hexadecimal digits, either case, ASCII blanks around them allowed. The file
    /// rules are those of <see cref="Secret.LoadFromFile"/>.
    /// </summary>
    /// <inheritdoc cref="Secret.LoadFromFile" path="/exception"/>
    public static SecretKey LoadFromFile(string path, SecretFileOptions? options = null) => SecretFile.Logged(() =>
    {
        options ??= SecretFileOptions.Strict;
        using SafeFileHandle file = FileOpener.Open(path, options);
        if (options.RequireSafeParents)
        {
            FileChecks.RequireSafeParents(Path.Combine(options.AllowedRoot ?? "", path));
        }

        var key = new SecretKey(SecretFileReader.ReadKey(file, path, isCredential: false));
        SecretsEventSource.Log.SecretKeyLoaded(path);
        return key;
    });

    /// <summary>Loads a credential of 64 hexadecimal digits. See <see cref="SystemdCredential"/>.</summary>
    /// <inheritdoc cref="Secret.LoadFromSystemdCredential"/>
    public static SecretKey LoadFromSystemdCredential(string name, string? directory = null) => SecretFile.Logged(() =>
    {
        using SafeFileHandle file = SystemdCredential.Open(name, directory, out string path);
        var key = new SecretKey(SecretFileReader.ReadKey(file, path, isCredential: true));
        SecretsEventSource.Log.SecretKeyLoaded(path);
        return key;
    });

    /// <summary>
    /// Derives a key: HKDF-SHA256 without salt (RFC 5869), key material = the token, info = the domain in UTF-8. The same
    /// inputs give the same key; use one domain per purpose, with a version at its end.
    /// </summary>
    /// <exception cref="SecretException">InvalidFormat: empty token. KeyDerivation: empty or missing domain.</exception>
    public static SecretKey DeriveFromToken(ReadOnlySpan<byte> token, string domain)
    {
        if (token.IsEmpty)
        {
            throw SecretException.InvalidFormat("empty token");
        }

        if (string.IsNullOrEmpty(domain))
        {
            throw SecretException.KeyDerivation("empty domain");
        }

        byte[] info = System.Text.Encoding.UTF8.GetBytes(domain);
        var key = new SecretKey(Hkdf.Derive(token, info, SizeBytes));
        SecretsEventSource.Log.SecretKeyDerived(domain);
        return key;
    }

    /// <inheritdoc cref="DeriveFromToken(ReadOnlySpan{byte}, string)"/>
    public static SecretKey DeriveFromToken(Secret token, string domain)
    {
        ArgumentNullException.ThrowIfNull(token);
#pragma warning disable RS0030 // Expose: the bytes go into HKDF and nowhere else.
        return token.Expose(domain, static (bytes, info) => DeriveFromToken(bytes, info));
#pragma warning restore RS0030
    }

    /// <inheritdoc cref="DeriveFromToken(ReadOnlySpan{byte}, string)"/>
    public static SecretKey DeriveFromToken(string token, string domain)
    {
        if (string.IsNullOrEmpty(token))
        {
            throw SecretException.InvalidFormat("empty token");
        }

        using Secret held = Secret.FromText(token);
        return DeriveFromToken(held, domain);
    }

    /// <summary>Lends the 32 bytes until <paramref name="action"/> returns. The one way to them.</summary>
    /// <exception cref="ObjectDisposedException">The key is disposed.</exception>
    public void Use<TState>(TState state, ReadOnlySpanAction<byte, TState> action)
        where TState : allows ref struct => _bytes.Use(state, action);

    /// <summary>Lends the 32 bytes until <paramref name="function"/> returns, and hands on its result.</summary>
    /// <exception cref="ObjectDisposedException">The key is disposed.</exception>
    public TResult Use<TState, TResult>(TState state, SecretFunc<TState, TResult> function)
        where TState : allows ref struct => _bytes.Use(state, function);

    /// <summary>Whether <paramref name="candidate"/> is this key. Constant time; another length is false at once.</summary>
    /// <exception cref="ObjectDisposedException">The key is disposed.</exception>
    public bool Verify(ReadOnlySpan<byte> candidate) => _bytes.Verify(candidate);

    /// <summary>Zeroes the key, at once or when the last use under way ends. Never throws; may be called twice.</summary>
    public void Dispose() => _bytes.Dispose();

    /// <summary>Says what this is, and nothing about the key.</summary>
    public override string ToString() => "SecretKey [redacted]";
}
