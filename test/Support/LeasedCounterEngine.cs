using System.Collections.Concurrent;
using System.Globalization;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Leases;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Tests.Support;

/// <summary>
/// A secrets engine whose secrets are numbers that live in a world outside the vault: <c>creds/NAME</c> makes one with a
/// lease, revocation takes it out of the world. For tests of leases.
/// </summary>
/// <remarks>Query or body: <c>ttl</c>, <c>max_ttl</c> (durations), <c>renewable</c>; <c>intent</c> announces the secret first.</remarks>
public sealed class LeasedCounterEngine : IBackend, IRevokesLeases
{
    private readonly OutsideWorld _world;

    public LeasedCounterEngine(OutsideWorld world)
    {
        _world = world;
        Routes = new RouteTable(
            Route.At("creds/{name}", "Makes a secret.")
                .Takes(Field.Duration("ttl", ""), Field.Duration("max_ttl", ""), Field.Flag("renewable", ""), Field.Flag("intent", ""), Field.Flag("fail", ""))
                .Reads(MakeAsync).Writes(MakeAsync));
    }

    public RouteTable Routes { get; }

    public async ValueTask RenewAsync(LeaseEntry lease, TimeSpan increment, BarrierView storage, CancellationToken cancellation)
    {
        await Task.Yield();
        _world.Renewals[NumberOf(lease)] = increment;
    }

    public ValueTask RevokeAsync(LeaseEntry lease, BarrierView storage, CancellationToken cancellation) => _world.RevokeAsync(NumberOf(lease));

    private async ValueTask<VaultResponse> MakeAsync(RequestContext context)
    {
        int number = _world.NextNumber();
        JsonData internalData = JsonData.Object(w => w.WriteNumber("number", number));
        if (context.Fields.Flag("intent") == true)
            await context.IntendLeaseAsync(internalData);
        _world.Live[number] = true;
        if (_world.BeforeAnswer is { } hook)
            await hook();
        if (context.Fields.Flag("fail") == true)
            return VaultResponse.BadRequest("told to fail");
        return new VaultResponse
        {
            Data = JsonData.Object(w => w.WriteString("number", number.ToString(CultureInfo.InvariantCulture))),
            Secret = new LeasedSecret(
                context.Fields.Ttl("ttl") ?? TimeSpan.Zero,
                context.Fields.Ttl("max_ttl") ?? TimeSpan.Zero,
                context.Fields.Flag("renewable") ?? true,
                internalData),
        };
    }

    private static int NumberOf(LeaseEntry lease) => lease.InternalData.GetProperty("number").GetInt32();
}

/// <summary>What <see cref="LeasedCounterEngine"/> has made outside the vault, and how it behaves. Thread-safe.</summary>
public sealed class OutsideWorld
{
    private int _made;
    private int _revocationCalls;
    private int _running;
    private int _mostRunning;
    private volatile bool _isDown;

    /// <summary>Secrets that exist.</summary>
    public ConcurrentDictionary<int, bool> Live { get; } = new();

    /// <summary>Last increment by secret.</summary>
    public ConcurrentDictionary<int, TimeSpan> Renewals { get; } = new();

    public int RevocationCalls => Volatile.Read(ref _revocationCalls);

    /// <summary>Most revocations that ran at the same time.</summary>
    public int MostRunningRevocations => Volatile.Read(ref _mostRunning);

    /// <summary>Every revocation fails.</summary>
    public bool IsDown
    {
        get => _isDown;
        set => _isDown = value;
    }

    /// <summary>Runs inside the handler, after the secret was made.</summary>
    public Func<Task>? BeforeAnswer { get; set; }

    internal int NextNumber() => Interlocked.Increment(ref _made);

    internal async ValueTask RevokeAsync(int number)
    {
        int running = Interlocked.Increment(ref _running);
        try
        {
            int seen = Volatile.Read(ref _mostRunning);
            while (running > seen)
                seen = Interlocked.CompareExchange(ref _mostRunning, running, seen) is var before && before == seen ? running : before;
            await Task.Yield();
            Interlocked.Increment(ref _revocationCalls);
            if (_isDown)
                throw new IOException("the outside world is down");
            Live.TryRemove(number, out _);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }
}
