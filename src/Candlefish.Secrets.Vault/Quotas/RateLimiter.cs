using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Candlefish.Secrets.Vault.Quotas;

/// <summary>
/// Counts requests per rule and client address, in windows that begin with a client's first request.
/// </summary>
/// <remarks>
/// <para>Memory is bounded: clients stand in two generations of at most <see cref="ClientsPerGeneration"/> each. A client
/// that asks is in the younger one; when that is full, or old enough that a silent client need not be remembered, it becomes
/// the older one and the former older one is forgotten. No sweep, no timer; a request costs two look-ups.</para>
/// <para>An IPv6 client is its /64 network, which is what one customer of a provider is given; IPv4 addresses count one by
/// one. Thread-safe.</para>
/// </remarks>
internal sealed class RateLimiter(TimeProvider time)
{
    public const int ClientsPerGeneration = 65_536;

    private readonly Lock _gate = new();
    private volatile Generations _generations = new(new Generation(time.GetTimestamp()), new Generation(0));

    /// <summary>Clients remembered now.</summary>
    public int Clients => _generations.Young.Count + _generations.Old.Count;

    /// <summary>Takes one request of a client.</summary>
    /// <param name="longestMemory">See <see cref="QuotaTable.LongestMemory"/>.</param>
    public Verdict Take(RateLimitRule rule, IPAddress? client, TimeSpan longestMemory)
    {
        long now = time.GetTimestamp();
        return BucketOf(new Client(rule.Name, rule.Since, NetworkOf(client)), now, longestMemory).Take(rule, now, time);
    }

    private Bucket BucketOf(Client client, long now, TimeSpan longestMemory)
    {
        Generations generations = _generations;
        if (generations.Young.Buckets.TryGetValue(client, out Bucket? bucket))
            return bucket;
        if (generations.Young.Count >= ClientsPerGeneration || time.GetElapsedTime(generations.Young.Began, now) > longestMemory + TimeSpan.FromSeconds(10))
            generations = Turn(generations, now);
        if (!generations.Old.Buckets.TryGetValue(client, out bucket))
            bucket = new Bucket(now);
        return generations.Young.Add(client, bucket);
    }

    private Generations Turn(Generations seen, long now)
    {
        lock (_gate)
        {
            if (_generations == seen)
                _generations = new Generations(new Generation(now), seen.Young);
            return _generations;
        }
    }

    private static UInt128 NetworkOf(IPAddress? client)
    {
        if (client is null)
            return 0;
        if (client.IsIPv4MappedToIPv6)
            client = client.MapToIPv4();
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        if (!client.TryWriteBytes(bytes, out _))
            return 0;
        if (client.AddressFamily == AddressFamily.InterNetworkV6)
            bytes[8..].Clear();
        else
            bytes[15] = 1;
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    private readonly record struct Client(string Rule, long Since, UInt128 Network);

    private sealed record Generations(Generation Young, Generation Old);

    private sealed class Generation(long began)
    {
        private int _count;

        public long Began { get; } = began;

        public ConcurrentDictionary<Client, Bucket> Buckets { get; } = new();

        public int Count => Volatile.Read(ref _count);

        /// <summary>Adds a bucket, or answers the one that somebody else added.</summary>
        public Bucket Add(Client client, Bucket bucket)
        {
            if (Buckets.TryAdd(client, bucket))
            {
                Interlocked.Increment(ref _count);
                return bucket;
            }
            return Buckets.GetValueOrDefault(client, bucket);
        }
    }

    /// <summary>One client under one rule. Times are timestamps of the clock.</summary>
    private sealed class Bucket(long began)
    {
        private readonly Lock _gate = new();
        private long _began = began;
        private int _used;
        private long? _blockedSince;

        public Verdict Take(RateLimitRule rule, long now, TimeProvider time)
        {
            lock (_gate)
            {
                if (_blockedSince is { } since)
                {
                    TimeSpan blocked = rule.BlockInterval - time.GetElapsedTime(since, now);
                    if (blocked > TimeSpan.Zero)
                        return new Verdict(false, rule.Tokens, 0, blocked);
                    _blockedSince = null;
                }
                if (time.GetElapsedTime(_began, now) >= rule.Window)
                {
                    _began = now;
                    _used = 0;
                }
                TimeSpan left = rule.Window - time.GetElapsedTime(_began, now);
                if (_used < rule.Tokens)
                {
                    _used++;
                    return new Verdict(true, rule.Tokens, rule.Tokens - _used, left);
                }
                if (rule.BlockInterval <= TimeSpan.Zero)
                    return new Verdict(false, rule.Tokens, 0, left);
                _blockedSince = now;
                return new Verdict(false, rule.Tokens, 0, rule.BlockInterval);
            }
        }
    }
}

/// <summary>What a limit says to a request.</summary>
/// <param name="Limit">Requests per window.</param>
/// <param name="Remaining">Requests left in this one.</param>
/// <param name="Reset">Until there are more: the end of the window, or of the block.</param>
internal readonly record struct Verdict(bool IsAllowed, int Limit, int Remaining, TimeSpan Reset);
