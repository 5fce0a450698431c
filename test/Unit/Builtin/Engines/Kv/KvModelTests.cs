using System.Globalization;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Requests;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Builtin.Engines.Kv;

/// <summary>Runs random operations against the engine and against a few lines that say what they mean.</summary>
public sealed class KvModelTests(ITestOutputHelper output)
{
    private const int Steps = 12_000;
    private const int MountMaxVersions = 4;

    [Fact]
    public async Task Operations_inRandomOrder_agreeWithTheModel()
    {
        int seed = Environment.GetEnvironmentVariable("CANDLEFISH_SEED") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : Environment.TickCount;
        output.WriteLine($"CANDLEFISH_SEED={seed}");
        var random = new Random(seed);
        await using TestVault vault = await KvVault.StartAsync();
        await vault.WriteAsync("secret/config", $$"""{"max_versions":{{MountMaxVersions}}}""");
        var model = new Dictionary<string, ModelKey>();
        string[] paths = ["a", "a/1", "a/b", "ü %"];
        for (int step = 0; step < Steps; step++)
        {
            string path = paths[random.Next(paths.Length)];
            if (random.Next(10) == 0)
                vault.Time.Advance(TimeSpan.FromMinutes(random.Next(90)));
            string done = await StepAsync(vault, model, path, random);
            string? difference = await DifferenceAsync(vault, model.GetValueOrDefault(path), path);
            Assert.True(difference is null, $"CANDLEFISH_SEED={seed} step {step} {done} {path}: {difference}");
        }
    }

    private static async Task<string> StepAsync(TestVault vault, Dictionary<string, ModelKey> model, string path, Random random)
    {
        ModelKey? key = model.GetValueOrDefault(path);
        DateTimeOffset now = vault.Time.GetUtcNow();
        long? cas = random.Next(3) == 0 ? Math.Max(0, (key?.Current ?? 0) + random.Next(-1, 2)) : null;
        string options = cas is { } c ? $$""","options":{"cas":{{c}}}""" : "";
        bool casFails = cas is not null ? cas != (key?.Current ?? 0) : key is { CasRequired: true };
        long version = random.Next(0, (int)(key?.Current ?? 0) + 2);
        switch (random.Next(9))
        {
            case 0 or 1:
                string data = RandomData(random);
                TestResponse put = await vault.WriteAsync("secret/data/" + path, $$"""{"data":{{data}}{{options}}}""");
                Assert.Equal(casFails ? 400 : 200, put.Status);
                if (!casFails)
                    (model.TryGetValue(path, out key) ? key : model[path] = new ModelKey()).Add(data, now);
                return "put";
            case 2:
                string patch = random.Next(2) == 0 ? """{"a":null}""" : $$"""{"b":{{random.Next(100)}}}""";
                TestResponse patched = await vault.SendAsync(Operation.Patch, "secret/data/" + path, $$"""{"data":{{patch}}{{options}}}""");
                if (key is null || key.Current == 0 || !key.IsReadable(key.Current, now))
                {
                    Assert.Equal(404, patched.Status);
                    return "patch nothing";
                }
                Assert.Equal(casFails ? 400 : 200, patched.Status);
                if (!casFails)
                    key.Add(Patched(key.Versions[key.Current].Data, patch), now);
                return "patch " + patch;
            case 3:
                Assert.Equal(204, (await vault.DeleteAsync("secret/data/" + path)).Status);
                key?.Delete(key.Current, now);
                return "delete";
            case 4:
                Assert.Equal(version == 0 ? 400 : 204, (await vault.WriteAsync("secret/delete/" + path, $$"""{"versions":[{{version}}]}""")).Status);
                key?.Delete(version, now);
                return "delete " + version;
            case 5:
                Assert.Equal(version == 0 ? 400 : 204, (await vault.WriteAsync("secret/undelete/" + path, $$"""{"versions":["{{version}}"]}""")).Status);
                key?.Undelete(version);
                return "undelete " + version;
            case 6:
                Assert.Equal(version == 0 ? 400 : 204, (await vault.WriteAsync("secret/destroy/" + path, $$"""{"versions":"{{version}}"}""")).Status);
                key?.Destroy(version);
                return "destroy " + version;
            case 7:
                key = model.TryGetValue(path, out ModelKey? known) ? known : model[path] = new ModelKey();
                (key.MaxVersions, key.CasRequired, key.DeleteAfter) = (random.Next(4), random.Next(5) == 0, random.Next(3) == 0 ? 60 : 0);
                Assert.Equal(204, (await vault.WriteAsync("secret/metadata/" + path, $$"""{"max_versions":{{key.MaxVersions}},"cas_required":{{(key.CasRequired ? "true" : "false")}},"delete_version_after":"{{key.DeleteAfter}}m"}""")).Status);
                return "metadata";
            default:
                if (random.Next(4) != 0)
                    return "nothing";
                Assert.Equal(204, (await vault.DeleteAsync("secret/metadata/" + path)).Status);
                model.Remove(path);
                return "delete key";
        }
    }

    private static async Task<string?> DifferenceAsync(TestVault vault, ModelKey? key, string path)
    {
        TestResponse metadata = await vault.ReadAsync("secret/metadata/" + path);
        if (key is null)
            return metadata.Status == 404 ? null : "exists";
        if (metadata.Status != 200 || metadata.Data.GetProperty("current_version").GetInt64() != key.Current)
            return "current version";
        string versions = string.Join(',', metadata.Data.GetProperty("versions").EnumerateObject().Select(m => m.Name));
        if (versions != string.Join(',', key.Versions.Keys))
            return $"versions {versions}";
        DateTimeOffset now = vault.Time.GetUtcNow();
        foreach ((long number, ModelVersion version) in key.Versions)
        {
            TestResponse read = await vault.ReadVersionAsync(path, number);
            if (read.Status != (key.IsReadable(number, now) ? 200 : 404))
                return $"status of version {number}: {read.Status}";
            if (read.Status == 200 && read.Data.GetProperty("data").GetRawText() != version.Data)
                return $"data of version {number}";
            if (read.Data.GetProperty("metadata").GetProperty("destroyed").GetBoolean() != version.IsDestroyed)
                return $"destroyed of version {number}";
        }
        return null;
    }

    // Small and large data, on both sides of the limit for data in the key record.
    private static string RandomData(Random random) =>
        $$"""{"a":"{{new string('x', random.Next(4) == 0 ? random.Next(7_000, 10_000) : random.Next(20))}}","n":{{random.Next(100)}}.0}""";

    private static string Patched(string data, string patch)
    {
        JsonObject target = JsonNode.Parse(data)?.AsObject() ?? [];
        foreach ((string name, JsonNode? value) in JsonNode.Parse(patch)?.AsObject() ?? [])
        {
            if (value is null)
                target.Remove(name);
            else
                target[name] = value.DeepClone();
        }
        return target.ToJsonString();
    }

    private sealed record ModelVersion(string Data, DateTimeOffset? Deletion, bool IsDestroyed);

    private sealed class ModelKey
    {
        public SortedDictionary<long, ModelVersion> Versions { get; } = [];
        public long Current { get; private set; }
        public int MaxVersions { get; set; }
        public bool CasRequired { get; set; }
        public int DeleteAfter { get; set; }

        public bool IsReadable(long number, DateTimeOffset now) =>
            Versions.TryGetValue(number, out ModelVersion? v) && !v.IsDestroyed && !(v.Deletion <= now);

        public void Add(string data, DateTimeOffset now)
        {
            Versions[++Current] = new ModelVersion(data, DeleteAfter == 0 ? null : now.AddMinutes(DeleteAfter), false);
            while (Versions.Count > (MaxVersions > 0 ? MaxVersions : MountMaxVersions))
                Versions.Remove(Versions.Keys.First());
        }

        public void Delete(long number, DateTimeOffset now)
        {
            if (IsReadable(number, now))
                Versions[number] = Versions[number] with { Deletion = now };
        }

        public void Undelete(long number)
        {
            if (Versions.TryGetValue(number, out ModelVersion? v) && !v.IsDestroyed)
                Versions[number] = v with { Deletion = null };
        }

        public void Destroy(long number)
        {
            if (Versions.TryGetValue(number, out ModelVersion? v))
                Versions[number] = v with { IsDestroyed = true };
        }
    }
}
