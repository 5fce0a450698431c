using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Leases;
using Candlefish.Secrets.Vault.Namespaces;
using Candlefish.Secrets.Vault.Policies;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Tokens;

/// <summary>
/// Stores tokens by the keyed hash of their text, and keeps the recently used ones in memory.
/// </summary>
/// <remarks>
/// <para>A finding costs one HMAC and one look-up. Commits only take tokens out of the cache, and only what was read after
/// the last such removal goes in: a token that was revoked, renewed or used is never answered from memory.</para>
/// <para>Tokens of all namespaces stand in one place, because their text must be enough to find them; the record says
/// which namespace it belongs to. Keys: <see cref="TokenKeys"/>. Thread-safe.</para>
/// </remarks>
internal sealed class TokenStore : IDisposable
{
    private const int CachedTokens = 100_000;

    /// <summary>A token whose last use began this long ago is removed by the sweeper, if the request could not.</summary>
    private static readonly TimeSpan SpentGrace = TimeSpan.FromMinutes(2);

    private readonly SecurityBarrier _barrier;
    private readonly UnsealedVault _vault;
    private readonly TokenNames _names;
    private readonly BatchTokens _batch;
    private readonly Lock _cacheGate = new();
    private readonly ConcurrentDictionary<string, TokenEntry> _cache = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TokenEntry>.AlternateLookup<ReadOnlySpan<char>> _cacheByName;
    private long _removals;

    private TokenStore(UnsealedVault vault, SecretBuffer salt)
    {
        _barrier = vault.Barrier;
        _vault = vault;
        _names = new TokenNames(salt);
        _batch = new BatchTokens(vault.Barrier);
        _cacheByName = _cache.GetAlternateLookup<ReadOnlySpan<char>>();
        Revoker = new TokenRevoker(vault, this);
    }

    public TokenRevoker Revoker { get; }

    public static async ValueTask<TokenStore> LoadAsync(UnsealedVault vault, CancellationToken cancellation)
    {
        using StorageTransaction tx = vault.Barrier.Begin();
        byte[]? salt = await tx.GetAsync(TokenKeys.Salt, cancellation);
        if (salt is null)
        {
            salt = RandomNumberGenerator.GetBytes(32);
            tx.Put(TokenKeys.Salt, salt.ToArray());
            await tx.CommitAsync(cancellation);
        }
        return new TokenStore(vault, SecretBuffer.CopyOf(salt));
    }

    /// <summary>The token of a client text, if it is known and alive.</summary>
    public ValueTask<TokenEntry?> FindAsync(string clientToken, CancellationToken cancellation)
    {
        Span<char> name = stackalloc char[TokenNames.Length];
        _names.Write(clientToken, name);
        if (_cacheByName.TryGetValue(name, out TokenEntry? entry) && entry.Type == TokenType.Service && !Revoker.IsActive)
            return ValueTask.FromResult(IsAlive(entry) ? entry : null);
        return BatchTokens.IsOne(clientToken)
            ? FindBatchAsync(new string(name), clientToken, cancellation)
            : FindByHashAsync(new string(name), cancellation);
    }

    /// <summary>The token of a name (<see cref="TokenEntry.IdHash"/>), if it is known and alive.</summary>
    public async ValueTask<TokenEntry?> FindByHashAsync(string hash, CancellationToken cancellation)
    {
        TokenEntry? entry = await RecordAsync(hash, cancellation);
        if (entry is null || !IsAlive(entry))
            return null;
        return Revoker.IsActive && await Revoker.HasDyingAncestorAsync(entry, cancellation) ? null : entry;
    }

    /// <summary>The token of an accessor, if it is known and alive.</summary>
    public async ValueTask<TokenEntry?> FindByAccessorAsync(string accessor, CancellationToken cancellation)
    {
        if (await _barrier.GetAsync(AccessorKey(accessor), cancellation) is not { } stored)
            return null;
        return await FindByHashAsync(Encoding.ASCII.GetString(stored.Plaintext.AsSpan(0, TokenNames.Length)), cancellation);
    }

    /// <summary>
    /// Takes one use of a limited token; <see langword="null"/> when none is left. Its own durable commit. The answer with
    /// <see cref="TokenEntry.UsesLeft"/> -1 serves the last request: the caller then revokes the token.
    /// </summary>
    public async ValueTask<TokenEntry?> UseAsync(TokenEntry token, CancellationToken cancellation)
    {
        while (true)
        {
            using StorageTransaction tx = _barrier.Begin();
            if (await ReadAsync(tx, token.IdHash, cancellation) is not { UsesLeft: > 0 } current)
                return null;
            TokenEntry used = current with { UsesLeft = current.UsesLeft == 1 ? -1 : current.UsesLeft - 1 };
            Write(tx, used);
            if (used.UsesLeft < 0)
                ExpiryIndex.PutToken(tx, used.IdHash, _vault.Clock.Now + SpentGrace);
            if (await tx.CommitAsync(cancellation))
                return used;
        }
    }

    /// <summary>A token that may do everything and never expires.</summary>
    public static TokenEntry RootTemplate(DateTimeOffset now, string path) => new()
    {
        IdHash = "",
        Accessor = "",
        NamespaceId = Namespace.Root.Id,
        Policies = [PolicyNames.Root],
        Path = path,
        DisplayName = "root",
        CreationTime = now,
    };

    /// <summary>
    /// Creates a token inside a transaction. Returns its text, which is never stored; <paramref name="chosenText"/> replaces
    /// the random one (dev mode, tokens created with an id by root). A batch token is not stored at all.
    /// </summary>
    public string Create(StorageTransaction tx, TokenEntry template, out TokenEntry entry, string? chosenText = null)
    {
        string suffix = template.NamespaceId == Namespace.Root.Id ? "" : "." + template.NamespaceId;
        if (template.Type == TokenType.Batch)
        {
            string sealedText = _batch.Seal(template) + suffix;
            entry = template with { IdHash = _names.Of(sealedText) };
            return sealedText;
        }
        string text = chosenText ?? "hvs." + RandomText.Base62(24) + suffix;
        entry = template with { IdHash = _names.Of(text), Accessor = RandomText.Base62(24) + suffix };
        Write(tx, entry);
        tx.Put(AccessorKey(entry.Accessor), Encoding.UTF8.GetBytes($"{entry.IdHash} {entry.Accessor}"));
        if (entry.ExpireTime is { } end)
            ExpiryIndex.PutToken(tx, entry.IdHash, end);
        if (!entry.IsOrphan)
            tx.Put(TokenKeys.Child(entry.Parent, entry.IdHash), [1]);
        return text;
    }

    /// <summary>Stores a changed record: its end, its uses, its parent. The next request sees it.</summary>
    public void Replace(StorageTransaction tx, TokenEntry old, TokenEntry entry)
    {
        if (old.ExpireTime != entry.ExpireTime)
        {
            if (old.ExpireTime is { } oldEnd)
                ExpiryIndex.RemoveToken(tx, old.IdHash, oldEnd);
            if (entry.ExpireTime is { } end)
                ExpiryIndex.PutToken(tx, entry.IdHash, end);
        }
        Write(tx, entry);
    }

    /// <summary>Takes a token out of storage. What hangs on it is the work of <see cref="TokenRevoker"/>.</summary>
    public void Remove(StorageTransaction tx, TokenEntry entry)
    {
        tx.Delete(TokenKeys.Id(entry.IdHash));
        tx.Delete(AccessorKey(entry.Accessor));
        if (entry.ExpireTime is { } end)
            ExpiryIndex.RemoveToken(tx, entry.IdHash, end);
        if (!entry.IsOrphan)
            tx.Delete(TokenKeys.Child(entry.Parent, entry.IdHash));
        tx.AfterCommit(() => Forget(entry.IdHash));
    }

    /// <summary>The record as the transaction sees it; a commit then fails when the record changed.</summary>
    public static async ValueTask<TokenEntry?> ReadAsync(StorageTransaction tx, string hash, CancellationToken cancellation) =>
        await tx.GetAsync(TokenKeys.Id(hash), cancellation) is { } stored ? Parse(stored) : null;

    /// <summary>
    /// Binds a transaction to the life of a token: false when it was revoked, and a commit fails when it is revoked
    /// meanwhile (renewals and uses do not disturb). For what hangs on a token: children, leases.
    /// </summary>
    public async ValueTask<bool> HoldsAsync(StorageTransaction tx, TokenEntry token, CancellationToken cancellation)
    {
        if (token.Type != TokenType.Batch)
            return await tx.GetAsync(AccessorKey(token.Accessor), cancellation) is not null;
        return token.IsOrphan || (await RecordAsync(token.Parent, cancellation) is { } parent && await HoldsAsync(tx, parent, cancellation));
    }

    /// <summary>The token has not ended at this moment.</summary>
    public bool IsAlive(TokenEntry entry) => entry.UsesLeft >= 0 && (entry.ExpireTime is not { } end || _vault.Clock.Now < end);

    /// <summary>Keyed hash of a token or accessor text: how it is named in storage.</summary>
    public string HashOf(string text) => _names.Of(text);

    /// <summary>A stored key changed on another node, or (<see langword="null"/>) anything may have.</summary>
    public void StorageChanged(string? key)
    {
        if (key is null)
            ForgetAll();
        else if (key.StartsWith(TokenKeys.Ids, StringComparison.Ordinal))
            Forget(key[TokenKeys.Ids.Length..]);
    }

    public void Dispose()
    {
        _cache.Clear();
        _names.Dispose();
    }

    /// <summary>The record, dead or alive, from memory or storage.</summary>
    internal async ValueTask<TokenEntry?> RecordAsync(string hash, CancellationToken cancellation)
    {
        if (_cache.TryGetValue(hash, out TokenEntry? known))
            return known;
        long removals = Interlocked.Read(ref _removals);
        if (await _barrier.GetAsync(TokenKeys.Id(hash), cancellation) is not { } stored)
            return null;
        TokenEntry entry = Parse(stored.Plaintext);
        CryptographicOperations.ZeroMemory(stored.Plaintext);
        Remember(hash, entry, removals);
        return entry;
    }

    private async ValueTask<TokenEntry?> FindBatchAsync(string hash, string text, CancellationToken cancellation)
    {
        if (!_cache.TryGetValue(hash, out TokenEntry? entry))
        {
            if (_batch.Open(text) is not { Type: TokenType.Batch } opened)
                return null;
            entry = opened with { IdHash = hash };
            Remember(hash, entry, Interlocked.Read(ref _removals));
        }
        if (!IsAlive(entry))
            return null;
        return entry.IsOrphan || await FindByHashAsync(entry.Parent, cancellation) is not null ? entry : null;
    }

    private string AccessorKey(string accessor) => TokenKeys.Accessors + _names.Of(accessor);

    private void Write(StorageTransaction tx, TokenEntry entry)
    {
        tx.Put(TokenKeys.Id(entry.IdHash), JsonSerializer.SerializeToUtf8Bytes(entry, TokenJson.Default.TokenEntry));
        tx.AfterCommit(() => Forget(entry.IdHash));
    }

    private void Forget(string hash)
    {
        lock (_cacheGate)
        {
            _removals++;
            _cache.TryRemove(hash, out _);
        }
    }

    private void ForgetAll()
    {
        lock (_cacheGate)
        {
            _removals++;
            _cache.Clear();
        }
    }

    private void Remember(string hash, TokenEntry entry, long removalsBeforeRead)
    {
        lock (_cacheGate)
        {
            if (_removals != removalsBeforeRead)
                return;
            if (_cache.Count >= CachedTokens)
                _cache.Clear();
            _cache[hash] = entry;
        }
    }

    private static TokenEntry Parse(ReadOnlySpan<byte> stored) =>
        JsonSerializer.Deserialize(stored, TokenJson.Default.TokenEntry) ?? throw new BarrierException(TokenKeys.Ids);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, UseStringEnumConverter = true)]
[JsonSerializable(typeof(TokenEntry))]
[JsonSerializable(typeof(TokenRole))]
internal sealed partial class TokenJson : JsonSerializerContext;
