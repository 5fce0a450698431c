using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Candlefish.Secrets.Tests.Unit.Secrets.Examples;

/// <summary>
/// The examples of the library's README and pages, compiled and run. A page shows the lines between
/// <c>// example: NAME</c> and <c>// end</c>; <see cref="ExampleTests"/> compares the two.
/// </summary>
internal static class LibraryExamples
{
    internal static bool Verify(string path, string candidate)
    {
        // example: verify
        using Secret token = Secret.LoadFromFile(path);
        bool isAllowed = token.Verify(candidate);
        // end
        return isAllowed;
    }

    internal static string Errors(string path)
    {
        // example: errors
        try
        {
            using Secret token = Secret.LoadFromFile(path);
            return "loaded";
        }
        catch (SecretException error) when (error.Kind == SecretErrorKind.PermissionsTooOpen)
        {
            return $"run: chmod 600 {error.Path}";
        }
        catch (SecretException error)
        {
            return error.Message;
        }
        // end
    }

    internal static Secret Rooted(string root, string name)
    {
        // example: root
        var below = new SecretFileOptions { AllowedRoot = root };
        Secret secret = Secret.LoadFromFile(name, below);
        // end
        return secret;
    }

    internal static byte[] Expose(Secret secret)
    {
        byte[] mac = new byte[32];
        // example: expose
        secret.Expose(mac, static (utf8, into) => SHA256.HashData(utf8, into));
        // end
        return mac;
    }

    internal static SecretKey Credential(string directory)
    {
        // example: credential
        SecretKey key = SecretKey.LoadFromSystemdCredential("seal_key", directory);
        // end
        return key;
    }

    internal static int Split()
    {
        // example: shamir
        using SecretKey root = SecretKey.Generate();
        byte[][] shares = root.Use(0, static (bytes, _) => Shamir.Split(bytes, parts: 5, threshold: 3));
        byte[] again = Shamir.Combine([shares[4], shares[0], shares[2]]);
        bool isSame = root.Verify(again);
        CryptographicOperations.ZeroMemory(again);
        // end
        return isSame ? shares.Length : 0;
    }

    internal static void Save(string path)
    {
        // example: save
        using SecretKey key = SecretKey.Generate();
        key.Use(path, static (bytes, target) =>
        {
            Span<byte> hex = stackalloc byte[2 * SecretKey.SizeBytes];
            Convert.TryToHexStringLower(bytes, hex, out _);
            SecretFile.Save(target, hex);
            CryptographicOperations.ZeroMemory(hex);
        });
        // end
    }

    // example: orchestrator
    /// <summary>An orchestrator: its API token comes from a credential, else from a file, else – with a warning – from a variable.</summary>
    internal static Secret LoadOrchestratorToken(string? credentialsDirectory) => new SecretSource
    {
        Credential = "api_token",
        CredentialsDirectory = credentialsDirectory,
        FileVariable = "ORCHESTRATOR_API_TOKEN_FILE",
        DefaultPath = "/etc/orchestrator/secrets/api-token",
        ValueVariable = "ORCHESTRATOR_API_TOKEN",
        Options = new SecretFileOptions { MinBytes = 16 },
    }.Load();
    // end

    // example: pool
    /// <summary>A pool manager: every endpoint except /health asks for the bearer token.</summary>
    internal static bool IsAllowed(string path, string? authorization, Secret token)
    {
        const string Scheme = "Bearer ";
        if (path == "/health")
        {
            return true;
        }

        return authorization is not null &&
            authorization.StartsWith(Scheme, StringComparison.Ordinal) &&
            token.Verify(authorization.AsSpan(Scheme.Length));
    }
    // end

    // example: sealing
    /// <summary>A service that seals shards: its key comes from a file, else it is derived from the registration token.</summary>
    internal static byte[] Seal(string keyFile, Secret registrationToken, ReadOnlySpan<byte> message)
    {
        using SecretKey key = SecretFile.Exists(keyFile)
            ? SecretKey.LoadFromFile(keyFile)
            : SecretKey.DeriveFromToken(registrationToken, "candlefish-seal-key-v1");
        return key.Use(message, static (bytes, text) => HMACSHA256.HashData(bytes, text));
    }
    // end

    // example: worker
    /// <summary>A worker: the header needs a string, so this is the one place where the token becomes one.</summary>
    internal static void Authorize(HttpRequestMessage request, Secret token) =>
        token.Expose(request, static (utf8, message) =>
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Encoding.UTF8.GetString(utf8)));
    // end
}
