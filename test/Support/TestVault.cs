using System.Net;
using System.Text;
using System.Text.Json;
using Candlefish.Secrets.Builtin;
using Candlefish.Secrets.Vault;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Metrics;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Storage;

namespace Candlefish.Secrets.Tests.Support;

/// <summary>
/// The real kernel with every builtin, over in-memory storage and a manual clock, initialized and unsealed: for tests that
/// need no HTTP.
/// </summary>
public sealed class TestVault : IAsyncDisposable
{
    private TestVault(VaultNode node, IStorage storage, ManualTimeProvider time, byte[][] shares, string rootToken)
    {
        Node = node;
        Storage = storage;
        Time = time;
        Shares = shares;
        RootToken = rootToken;
    }

    public VaultNode Node { get; }

    /// <summary>What the barrier wrote: ciphertext.</summary>
    public IStorage Storage { get; }

    public ManualTimeProvider Time { get; }

    /// <summary>Key shares: 3 of 2.</summary>
    public byte[][] Shares { get; }

    public string RootToken { get; }

    /// <param name="backends">Adds engines and auth methods of the test.</param>
    public static async Task<TestVault> StartAsync(VaultOptions? options = null, IStorage? storage = null, Action<BackendCatalog>? backends = null)
    {
        BackendCatalog catalog = Builtins.Backends();
        backends?.Invoke(catalog);
        var time = new ManualTimeProvider();
        storage ??= new InMemoryStorage();
        var environment = new VaultEnvironment(options ?? new VaultOptions(), catalog, Builtins.AuditDevices(), time, SilentLog.Instance, new VaultMetrics());
        VaultNode node = await VaultNode.OpenAsync(storage, environment, CancellationToken.None);
        InitResult init = await node.InitializeAsync(3, 2, null, CancellationToken.None);
        var vault = new TestVault(node, storage, time, [.. init.Shares.Select(s => s.ToArray())], init.RootToken);
        await vault.UnsealAsync();
        return vault;
    }

    public async Task UnsealAsync()
    {
        await Node.UnsealAsync(Shares[0].ToArray(), CancellationToken.None);
        await Node.UnsealAsync(Shares[1].ToArray(), CancellationToken.None);
    }

    public Task<TestResponse> ReadAsync(string path, string? token = null) => SendAsync(Operation.Read, path, null, token);

    public Task<TestResponse> ListAsync(string path, string? token = null) => SendAsync(Operation.List, path, null, token);

    public Task<TestResponse> DeleteAsync(string path, string? token = null) => SendAsync(Operation.Delete, path, null, token);

    /// <summary>Writes with a JSON body; <paramref name="token"/> null = the root token, empty = none.</summary>
    public Task<TestResponse> WriteAsync(string path, string json = "{}", string? token = null) => SendAsync(Operation.Update, path, json, token);

    public async Task<TestResponse> SendAsync(Operation operation, string path, string? json = null, string? token = null, TimeSpan? wrapTtl = null)
    {
        var request = new VaultRequest
        {
            Id = RandomText.Uuid(),
            Operation = operation,
            Path = CanonicalPath.Of(path),
            Token = token switch { null => RootToken, "" => null, _ => token },
            Data = json is null ? RequestData.Empty : new RequestData(Encoding.UTF8.GetBytes(json)),
            WrapTtl = wrapTtl,
            RemoteAddress = IPAddress.Loopback,
            RemotePort = 40_000,
        };
        VaultResponse response = await Node.HandleAsync(request, CancellationToken.None);
        var body = new System.Buffers.ArrayBufferWriter<byte>();
        EnvelopeWriter.Write(response, body);
        return new TestResponse(EnvelopeWriter.StatusOf(response), body.WrittenMemory.ToArray());
    }

    /// <summary>The bytes of an answer that is not JSON.</summary>
    public async Task<ReadOnlyMemory<byte>> RawAsync(string path, string json = "{}")
    {
        VaultResponse response = await Node.HandleAsync(
            new VaultRequest
            {
                Id = RandomText.Uuid(),
                Operation = Operation.Read,
                Path = CanonicalPath.Of(path),
                Token = RootToken,
                Data = new RequestData(Encoding.UTF8.GetBytes(json)),
                RemoteAddress = IPAddress.Loopback,
            },
            CancellationToken.None);
        return response.Raw?.Bytes ?? throw new InvalidOperationException($"the answer of {path} is not raw");
    }

    public ValueTask DisposeAsync() => Node.DisposeAsync();
}

/// <summary>An answer as a client would see it.</summary>
public sealed class TestResponse(int status, byte[] body)
{
    public int Status { get; } = status;

    public string Text => Encoding.UTF8.GetString(body);

    /// <summary>The whole body.</summary>
    public JsonElement Json => JsonDocument.Parse(body).RootElement;

    /// <summary>The <c>data</c> member.</summary>
    public JsonElement Data => Json.GetProperty("data");

    /// <summary>First error text; empty when there is none.</summary>
    public string Error => Json.TryGetProperty("errors", out JsonElement e) && e.GetArrayLength() > 0 ? e[0].GetString() ?? "" : "";
}
