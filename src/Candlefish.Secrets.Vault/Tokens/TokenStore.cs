using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Tokens;

/// <summary>
/// Stores tokens by the keyed hash of their text, and keeps the recently used ones in memory.
/// </summary>
/// <remarks>
/// Keys below <c>sys/token/</c>: <c>salt</c>, <c>id/HASH</c>, <c>accessor/HASH</c> (→ HASH of the token),
/// <c>parent/PARENT_HASH/CHILD_HASH</c>. The cache is updated when a transaction commits, so a revoked token is refused
/// from the next request on. Thread-safe.
/// </remarks>
internal sealed class TokenStore : IDisposable
{
    private const string Prefix = "sys/token/";
    private const int CachedTokens = 100_000;

    private readonly SecurityBarrier _barrier;
    private readonly UnsealedVault _vault;
    private readonly SecretBuffer _salt;
    private readonly ConcurrentDictionary<string, TokenEntry> _cache = new(StringComparer.Ordinal);

    private TokenStore(SecurityBarrier barrier, UnsealedVault vault, SecretBuffer salt)
    {
        _barrier = barrier;
        _vault = vault;
        _salt = salt;
    }

    public static async ValueTask<TokenStore> LoadAsync(UnsealedVault vault, CancellationToken cancellation)
    {
        using StorageTransaction tx = vault.Barrier.Begin();
        byte[]? salt = await tx.GetAsync(Prefix + "salt", cancellation);
        if (salt is null)
        {
            salt = RandomNumberGenerator.GetBytes(32);
            tx.Put(Prefix + "salt", salt.ToArray());
            await tx.CommitAsync(cancellation);
        }
        return new TokenStore(vault.Barrier, vault, SecretBuffer.CopyOf(salt));
    }

    /// <summary>The token of a client text, if it is known and alive.</summary>
    public ValueTask<TokenEntry?> FindAsync(string clientToken, CancellationToken cancellation) =>
        FindByHashAsync(HashOf(clientToken), cancellation);

    private async ValueTask<TokenEntry?> FindByHashAsync(string hash, CancellationToken cancellation)
    {
        if (!_cache.TryGetValue(hash, out TokenEntry? entry))
        {
            if (await _barrier.GetAsync(Prefix + "id/" + hash, cancellation) is not { } stored)
                return null;
            entry = Parse(stored.Plaintext);
            CryptographicOperations.ZeroMemory(stored.Plaintext);
            Remember(entry);
        }
        return entry.ExpireTime is { } end && end <= _vault.Time.GetUtcNow() ? null : entry;
    }

    /// <summary>The token of an accessor, if it is known and alive.</summary>
    public async ValueTask<TokenEntry?> FindByAccessorAsync(string accessor, CancellationToken cancellation)
    {
        if (await _barrier.GetAsync(Prefix + "accessor/" + HashOf(accessor), cancellation) is not { } stored)
            return null;
        return await FindByHashAsync(Encoding.ASCII.GetString(stored.Plaintext), cancellation);
    }

    /// <summary>Takes one use of a limited token; <see langword="null"/> when none is left. Its own durable commit.</summary>
    public async ValueTask<TokenEntry?> UseAsync(TokenEntry token, CancellationToken cancellation)
    {
        while (true)
        {
            using StorageTransaction tx = _barrier.Begin();
            if (await tx.GetAsync(Prefix + "id/" + token.IdHash, cancellation) is not { } stored)
                return null;
            TokenEntry current = Parse(stored);
            if (current.UsesLeft == 0)
                return null;
            // -1 marks a token whose last use is being served: it answers this request and no other.
            TokenEntry used = current with { UsesLeft = current.UsesLeft == 1 ? -1 : current.UsesLeft - 1 };
            if (current.UsesLeft < 0)
                return null;
            Write(tx, used);
            if (await tx.CommitAsync(cancellation))
                return used;
        }
    }

    /// <summary>Creates the token of a login, in the transaction of the login.</summary>
    public async ValueTask<AuthBlock> CreateForLoginAsync(RequestContext context, LoginResult login)
    {
        string entityId = await _vault.Identity.EntityOfLoginAsync(context.Transaction, context.Mount, login, context.Cancellation);
        TimeSpan ttl = login.Terms.Ttl > TimeSpan.Zero ? login.Terms.Ttl : context.Mount.DefaultTtl(_vault.Options.Limits);
        SortedSet<string> policies = new(login.Policies, StringComparer.Ordinal);
        if (!login.Terms.NoDefaultPolicy)
            policies.Add("default");
        string text = Create(
            context.Transaction,
            new TokenEntry
            {
                IdHash = "",
                Accessor = "",
                NamespaceId = context.Namespace.Id,
                Policies = [.. policies],
                Path = context.Path,
                Metadata = login.Metadata,
                DisplayName = login.DisplayName,
                UsesLeft = login.Terms.NumUses,
                CreationTime = context.Now,
                Ttl = ttl,
                ExpireTime = context.Now + ttl,
                Renewable = login.Renewable,
                EntityId = entityId,
                BoundCidrs = login.Terms.BoundCidrs,
                InternalData = login.InternalData,
            },
            out TokenEntry entry);
        return new AuthBlock
        {
            ClientToken = text,
            Accessor = entry.Accessor,
            Policies = entry.Policies,
            TokenPolicies = entry.Policies,
            Metadata = entry.Metadata,
            LeaseDuration = ttl,
            Renewable = entry.Renewable,
            EntityId = entityId,
            TokenType = entry.Type,
            Orphan = true,
            NumUses = entry.UsesLeft,
        };
    }

    /// <summary>A token that may do everything and never expires.</summary>
    public static TokenEntry RootTemplate(DateTimeOffset now, string path) => new()
    {
        IdHash = "",
        Accessor = "",
        NamespaceId = "root",
        Policies = ["root"],
        Path = path,
        DisplayName = "root",
        CreationTime = now,
    };

    /// <summary>
    /// Creates a token inside a transaction. Returns its text, which is never stored; <paramref name="chosenText"/> replaces
    /// the random one (dev mode, tokens created with an id by root).
    /// </summary>
    public string Create(StorageTransaction tx, TokenEntry template, out TokenEntry entry, string? chosenText = null)
    {
        string text = chosenText ?? "hvs." + RandomText.Base62(24);
        entry = template with { IdHash = HashOf(text), Accessor = RandomText.Base62(24) };
        Write(tx, entry);
        tx.Put(Prefix + "accessor/" + HashOf(entry.Accessor), Encoding.ASCII.GetBytes(entry.IdHash));
        if (!entry.IsOrphan)
            tx.Put($"{Prefix}parent/{entry.Parent}/{entry.IdHash}", [1]);
        return text;
    }

    /// <summary>Keyed hash of a token or accessor text: how it is named in storage.</summary>
    public string HashOf(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        try
        {
            return _salt.Use(utf8, static (salt, bytes) => Convert.ToHexStringLower(HMACSHA256.HashData(salt, bytes)));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(utf8);
        }
    }

    public void Dispose()
    {
        _cache.Clear();
        _salt.Dispose();
    }

    private void Write(StorageTransaction tx, TokenEntry entry)
    {
        tx.Put(Prefix + "id/" + entry.IdHash, JsonSerializer.SerializeToUtf8Bytes(entry, TokenJson.Default.TokenEntry));
        tx.AfterCommit(() => Remember(entry));
    }

    private void Remember(TokenEntry entry)
    {
        if (_cache.Count >= CachedTokens)
            _cache.Clear();
        _cache[entry.IdHash] = entry;
    }

    private static TokenEntry Parse(ReadOnlySpan<byte> stored) =>
        JsonSerializer.Deserialize(stored, TokenJson.Default.TokenEntry) ?? throw new BarrierException(Prefix + "id/");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, UseStringEnumConverter = true)]
[JsonSerializable(typeof(TokenEntry))]
internal sealed partial class TokenJson : JsonSerializerContext;
