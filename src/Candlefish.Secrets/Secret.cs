using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using Candlefish.Secrets.Files;
using Microsoft.Win32.SafeHandles;

namespace Candlefish.Secrets;

/// <summary>
/// A text secret – a token, a password, a connection string – as UTF-8 in native, locked memory that is zeroed on
/// <see cref="Dispose"/>.
/// </summary>
/// <remarks>
/// <para>It has no printable form: ToString, formatting, JSON, debuggers and exceptions show nothing of it. The bytes
/// come out only through <c>Expose</c>, which a reviewer can search for. To compare, call
/// <see cref="Verify(ReadOnlySpan{char})"/>: it takes constant time.</para>
/// <para>Two secrets are equal only when they are the same object; there is no clone and no conversion. Thread-safe,
/// also against a concurrent Dispose; after it every access throws <see cref="ObjectDisposedException"/>.</para>
/// </remarks>
/// <example><code>
/// using Secret token = Secret.LoadFromFile("/etc/candlefish/secrets/api-token");
/// bool isAllowed = token.Verify(bearer);
/// </code></example>
[DebuggerDisplay("Secret [redacted]")]
[DebuggerTypeProxy(typeof(RedactedDebugView))]
[JsonConverter(typeof(SecretJsonConverter))]
public sealed class Secret : IDisposable
{
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private readonly SecretBuffer _utf8;

    private Secret(SecretBuffer utf8)
    {
        _utf8 = utf8;
    }

    /// <summary>Whether the value is gone.</summary>
    public bool IsDisposed => _utf8.IsDisposed;

    /// <summary>Copies UTF-8 text as it is. The source stays the caller's, who zeroes it.</summary>
    /// <exception cref="SecretException"><see cref="SecretErrorKind.InvalidFormat"/>: empty, or not valid UTF-8.</exception>
    public static Secret FromUtf8(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
        {
            throw SecretException.InvalidFormat("empty value");
        }

        return Utf8.IsValid(utf8)
            ? new Secret(SecretBuffer.CopyOf(utf8))
            : throw SecretException.InvalidFormat("not valid UTF-8");
    }

    /// <summary>
    /// Copies text as it is. A <see cref="string"/> cannot be zeroed and stays in managed memory until it is reused:
    /// prefer the loaders and <see cref="FromUtf8"/>.
    /// </summary>
    /// <exception cref="SecretException"><see cref="SecretErrorKind.InvalidFormat"/>: empty, or a lone surrogate.</exception>
    public static Secret FromText(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            throw SecretException.InvalidFormat("empty value");
        }

        Secret?[] made = [null];
        FixedTime.WithUtf8(text, made, static (bytes, into) =>
        {
            into[0] = FromUtf8(bytes);
            return true;
        });
        return made[0] ?? throw SecretException.InvalidFormat("not valid UTF-8");
    }

    /// <summary>
    /// Loads a text file of at most 1 MiB that only its owner may access (0600 or less; owner root or this user). ASCII
    /// blanks at both ends are dropped, inner ones kept.
    /// </summary>
    /// <exception cref="SecretException">In this order: PathValidationFailed, FileNotFound, PermissionsTooOpen,
    /// InvalidFormat (too large, empty, not UTF-8); or Io.</exception>
    public static Secret LoadFromFile(string path, SecretFileOptions? options = null) => SecretFile.Logged(() =>
    {
        options ??= SecretFileOptions.Strict;
        using SafeFileHandle file = FileOpener.Open(path, options);
        if (options.RequireSafeParents)
        {
            FileChecks.RequireSafeParents(Path.Combine(options.AllowedRoot ?? "", path));
        }

        var secret = new Secret(SecretFileReader.ReadText(file, path, options, isCredential: false));
        SecretsEventSource.Log.SecretLoaded(path);
        return secret;
    });

    /// <summary>Loads a credential that systemd handed to this service. See <see cref="SystemdCredential"/>.</summary>
    /// <param name="name">The name in the unit's LoadCredential= line.</param>
    /// <param name="directory">In place of the variable CREDENTIALS_DIRECTORY, which is read once per call.</param>
    /// <exception cref="SecretException">In this order: PathValidationFailed (name), SystemdCredentialNotFound
    /// (variable), PathValidationFailed (directory), SystemdCredentialNotFound (file), PermissionsTooOpen,
    /// InvalidFormat; or Io.</exception>
    public static Secret LoadFromSystemdCredential(string name, string? directory = null) => SecretFile.Logged(() =>
    {
        using SafeFileHandle file = SystemdCredential.Open(name, directory, out string path);
        var secret = new Secret(SecretFileReader.ReadText(file, path, SecretFileOptions.Strict, isCredential: true));
        SecretsEventSource.Log.SecretLoaded(path);
        return secret;
    });

    /// <summary>Reads an environment variable, for programs that are on their way to files. Warns once per variable.</summary>
    /// <exception cref="SecretException">FileNotFound: not set. InvalidFormat: empty or blank.</exception>
    [Obsolete(
        "An environment variable shows up in process listings and in child processes. Move the value to a file with mode 0600 and use Secret.LoadFromFile.",
        DiagnosticId = "CFS0001")]
    public static Secret LoadFromEnvironment(string name) => EnvironmentSecret.Load(name);

    /// <summary>Lends the UTF-8 bytes until <paramref name="action"/> returns. The one way to the value.</summary>
    /// <exception cref="ObjectDisposedException">The secret is disposed.</exception>
    public void Expose<TState>(TState state, ReadOnlySpanAction<byte, TState> action)
        where TState : allows ref struct => _utf8.Use(state, action);

    /// <summary>Lends the UTF-8 bytes until <paramref name="function"/> returns, and hands on its result.</summary>
    /// <exception cref="ObjectDisposedException">The secret is disposed.</exception>
    public TResult Expose<TState, TResult>(TState state, SecretFunc<TState, TResult> function)
        where TState : allows ref struct => _utf8.Use(state, function);

    /// <summary>Whether <paramref name="candidate"/> is this text. Constant time; another length is false at once.</summary>
    /// <exception cref="ObjectDisposedException">The secret is disposed.</exception>
    public bool Verify(ReadOnlySpan<byte> candidate) => _utf8.Verify(candidate);

    /// <inheritdoc cref="Verify(ReadOnlySpan{byte})"/>
    public bool Verify(ReadOnlySpan<char> candidate) =>
        _utf8.Use(candidate, static (utf8, text) => FixedTime.AreEqual(text, utf8));

    /// <inheritdoc cref="Verify(ReadOnlySpan{byte})"/>
    /// <remarks><see langword="null"/> is false.</remarks>
    public bool Verify(string? candidate) => Verify(candidate.AsSpan());

    /// <summary>Zeroes the value, at once or when the last use under way ends. Never throws; may be called twice.</summary>
    public void Dispose() => _utf8.Dispose();

    /// <summary>Says what this is, and nothing about the value.</summary>
    public override string ToString() => "Secret [redacted]";
}
