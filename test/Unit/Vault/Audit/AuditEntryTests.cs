using System.Text;
using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Requests;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Audit;

/// <summary>What entries hold, and what they must not hold.</summary>
public sealed class AuditEntryTests
{
    private const string Canary = "cANary-7f3d91";

    [Fact]
    public async Task Read_has_one_entry_with_names_in_clear_and_values_hashed()
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        await audited.Vault.WriteAsync("secret/data/app", $$$"""{"data":{"password":"{{{Canary}}}"}}""");
        Assert.Equal(200, (await audited.Vault.ReadAsync("secret/data/app")).Status);

        Assert.Single(audited.OfType("request", "secret/data/app"));
        Assert.Equal(2, audited.Responses("secret/data/app").Count);
        JsonElement read = audited.Responses("secret/data/app")[1];
        Assert.Equal("read", read.GetProperty("request").GetProperty("operation").GetString());
        Assert.Equal("127.0.0.1", read.GetProperty("request").GetProperty("remote_address").GetString());
        Assert.Equal("secret/", read.GetProperty("request").GetProperty("mount_point").GetString());
        Assert.Equal("root", read.GetProperty("auth").GetProperty("display_name").GetString());
        Assert.True(read.GetProperty("auth").GetProperty("policy_results").GetProperty("allowed").GetBoolean());
        JsonElement data = read.GetProperty("response").GetProperty("data");
        Assert.StartsWith("hmac-sha256:", data.GetProperty("data").GetProperty("password").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("hmac-sha256:", data.GetProperty("metadata").GetProperty("version").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("hmac-sha256:", data.GetProperty("metadata").GetProperty("destroyed").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, data.GetProperty("metadata").GetProperty("custom_metadata").ValueKind);
        Assert.True(audited.Verify().IsValid, audited.Verify().Break?.ToString());
    }

    [Fact]
    public async Task AuditHash_of_a_value_is_found_in_the_trail()
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        await audited.Vault.WriteAsync("secret/data/app", $$$"""{"data":{"password":"{{{Canary}}} \u00fc","n":123456,"yes":true}}""");
        foreach (string input in new[] { Canary + " ü", "123456", "true", audited.Vault.RootToken })
        {
            TestResponse hashed = await audited.Vault.WriteAsync("sys/audit-hash/file", JsonSerializer.Serialize(new Dictionary<string, string> { ["input"] = input }));
            string hash = hashed.Data.GetProperty("hash").GetString() ?? "";
            Assert.Equal(hash, hashed.Json.GetProperty("hash").GetString());
            Assert.Matches("^hmac-sha256:[0-9a-f]{64}$", hash);
            Assert.Contains(hash, audited.OfType("request", "secret/data/app")[0].GetRawText(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{"data":{"a":"CANARY"}}""")]
    [InlineData("""{"data":{"a":"x","a":"CANARY"}}""")]
    [InlineData("""{"CANARY""")]
    [InlineData("""{"data":"CANARY"}""")]
    [InlineData("""["CANARY"]""")]
    [InlineData("""CANARY""")]
    [InlineData("""{"data":{"a":["CANARY",{"b":"CANARY"}]},"options":{"cas":"CANARY"}}""")]
    [InlineData("""{"data":{"a":"\u0063ANary-7f3d91"}}""")]
    [InlineData("""{"data":{"a":"\ud800CANARY"}}""")]
    public async Task Row075_a_value_in_any_body_never_shows(string body)
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        string sent = body.Replace("CANARY", Canary, StringComparison.Ordinal);
        await audited.Vault.WriteAsync("secret/data/app", sent);
        await audited.Vault.WriteAsync("secret/nothing-here", sent);
        await audited.Vault.WriteAsync("sys/mounts/other", sent);
        await audited.Vault.WriteAsync("sys/audit/other", sent, "");
        await audited.Vault.WriteAsync("sys/unseal", sent);
        await audited.Vault.WriteAsync("sys/init", sent);
        AssertNoCanary(audited);
        Assert.True(audited.Verify().IsValid, audited.Verify().Break?.ToString());
    }

    [Theory]
    [InlineData("""{"type":"CANARY"}""")]
    [InlineData("""{"type":"kv","config":{"default_lease_ttl":"CANARY"}}""")]
    [InlineData("""{"type":"kv","options":"CANARY"}""")]
    [InlineData("""{"type":["CANARY"]}""")]
    [InlineData("""{"type":"file","options":{"file_path":"CANARY"}}""")]
    [InlineData("""{"type":"file","options":["CANARY"]}""")]
    [InlineData("""{"type":"file","options":{"CANARY":"x"}}""")]
    public async Task Row076_a_value_of_a_wrong_kind_never_shows(string body)
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        string sent = body.Replace("CANARY", Canary, StringComparison.Ordinal);
        bool isName = body.Contains("\"CANARY\":", StringComparison.Ordinal);
        await audited.Vault.WriteAsync("sys/mounts/other", sent);
        await audited.Vault.WriteAsync("sys/audit/other", sent);
        if (!isName)
            AssertNoCanary(audited);
        Assert.True(audited.Verify().IsValid, audited.Verify().Break?.ToString());
    }

    [Fact]
    public async Task Row073_tokens_and_accessors_are_hashed_wherever_they_come()
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        string token = audited.Vault.RootToken;
        await audited.Vault.ReadAsync("secret/data/none", "hvs.ThisTokenIsUnknown0001");
        await audited.Vault.ReadAsync("secret/data/" + token);
        await audited.Vault.ReadAsync("nowhere/" + token);
        string text = audited.Text();
        Assert.DoesNotContain(token, text, StringComparison.Ordinal);
        Assert.DoesNotContain("hvs.", text, StringComparison.Ordinal);
        JsonElement entry = audited.Responses("secret/data/none")[0];
        Assert.StartsWith("hmac-sha256:", entry.GetProperty("request").GetProperty("client_token").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("hmac-sha256:", audited.Lines()[^1].GetProperty("auth").GetProperty("accessor").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Row074_headers_show_only_when_configured_and_credentials_only_hashed()
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        async Task<JsonElement> SendAsync()
        {
            await audited.Vault.Node.HandleAsync(
                new VaultRequest
                {
                    Id = RandomText.Uuid(),
                    Operation = Operation.Read,
                    Path = CanonicalPath.Of("secret/data/h"),
                    Token = audited.Vault.RootToken,
                    Headers = new Dictionary<string, string> { ["x-forwarded-for"] = "10.1.2.3", ["x-secret"] = Canary, ["cookie"] = Canary, ["authorization"] = "Basic " + Canary },
                },
                CancellationToken.None);
            return audited.Responses("secret/data/h")[^1].GetProperty("request");
        }
        Assert.False((await SendAsync()).TryGetProperty("headers", out _));

        await audited.Vault.WriteAsync("sys/config/auditing/request-headers/X-Forwarded-For", """{"hmac":false}""");
        await audited.Vault.WriteAsync("sys/config/auditing/request-headers/X-Secret", """{"hmac":true}""");
        await audited.Vault.WriteAsync("sys/config/auditing/request-headers/Cookie", """{"hmac":false}""");
        await audited.Vault.WriteAsync("sys/config/auditing/request-headers/Authorization", """{"hmac":false}""");
        JsonElement headers = (await SendAsync()).GetProperty("headers");

        Assert.Equal("10.1.2.3", headers.GetProperty("x-forwarded-for")[0].GetString());
        Assert.StartsWith("hmac-sha256:", headers.GetProperty("x-secret")[0].GetString(), StringComparison.Ordinal);
        Assert.StartsWith("hmac-sha256:", headers.GetProperty("cookie")[0].GetString(), StringComparison.Ordinal);
        Assert.StartsWith("hmac-sha256:", headers.GetProperty("authorization")[0].GetString(), StringComparison.Ordinal);
        AssertNoCanary(audited);
    }

    [Fact]
    public async Task Row077_a_body_that_is_not_json_is_hashed_as_a_whole()
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        await audited.Vault.WriteAsync("secret/data/raw", $"protected={Canary}&payload=x");
        JsonElement data = audited.Responses("secret/data/raw")[0].GetProperty("request").GetProperty("data");
        Assert.StartsWith("hmac-sha256:", data.GetProperty("whole").GetString(), StringComparison.Ordinal);
        AssertNoCanary(audited);
    }

    [Fact]
    public async Task Row078_raw_bytes_of_an_answer_are_hashed_as_a_whole()
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        TestResponse answer = await audited.Vault.SendAsync(Operation.Read, "sys/metrics", """{"format":"prometheus"}""");
        Assert.Equal(200, answer.Status);
        JsonElement data = audited.Responses("sys/metrics")[0].GetProperty("response").GetProperty("data");
        Assert.StartsWith("hmac-sha256:", Assert.Single(data.EnumerateObject()).Value.GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Row072_two_devices_have_salts_of_their_own_and_neither_shows_a_value()
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        string second = Path.Combine(audited.Directory, "second.log");
        await audited.Vault.WriteAsync("sys/audit/second", $$$"""{"type":"file","options":{"file_path":"{{{second}}}"}}""");
        await audited.Vault.WriteAsync("secret/data/app", $$$"""{"data":{"password":"{{{Canary}}}"}}""");
        string other = (await audited.Vault.WriteAsync("sys/audit-hash/second", $$"""{"input":"{{Canary}}"}""")).Data.GetProperty("hash").GetString() ?? "";
        Assert.Contains(other, File.ReadAllText(second), StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, File.ReadAllText(second), StringComparison.Ordinal);
        Assert.DoesNotContain(other, audited.OfType("request", "secret/data/app")[0].GetRawText(), StringComparison.Ordinal);
        AssertNoCanary(audited);
    }

    [Fact]
    public async Task Row079_credentials_of_a_login_are_there_and_hashed()
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        await audited.Vault.WriteAsync("auth/userpass/login/bob", $$"""{"password":"{{Canary}}"}""", "");
        JsonElement data = audited.Responses("auth/userpass/login/bob")[0].GetProperty("request").GetProperty("data");
        Assert.StartsWith("hmac-sha256:", data.GetProperty("password").GetString(), StringComparison.Ordinal);
        AssertNoCanary(audited);
    }

    [Fact]
    public async Task Unknown_namespace_is_recorded_too()
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        await audited.Vault.Node.HandleAsync(
            new VaultRequest { Id = RandomText.Uuid(), Operation = Operation.Read, Path = CanonicalPath.Of("secret/data/n"), NamespacePath = "nowhere" },
            CancellationToken.None);
        Assert.Contains("namespace not found", Assert.Single(audited.Responses("secret/data/n")).GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mount_keys_that_may_be_clear_are_clear_and_nothing_else_is()
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        await audited.Vault.WriteAsync("sys/mounts/v1", """{"type":"kv"}""");
        TestResponse tuned = await audited.Vault.WriteAsync("sys/mounts/v1/tune", """{"audit_non_hmac_request_keys":["user"],"audit_non_hmac_response_keys":["user"]}""");
        Assert.True(tuned.Status is 200 or 204, tuned.Text);
        await audited.Vault.WriteAsync("v1/a", $$"""{"user":{"name":"Ann \"A\"","n":1,"l":["x",true,null]},"password":"{{Canary}}"}""");
        await audited.Vault.ReadAsync("v1/a");

        JsonElement write = audited.OfType("request", "v1/a")[0].GetProperty("request").GetProperty("data");
        Assert.Equal("""{"name":"Ann \"A\"","n":1,"l":["x",true,null]}""", write.GetProperty("user").GetRawText());
        JsonElement read = audited.Responses("v1/a")[^1].GetProperty("response").GetProperty("data");
        Assert.Equal("""Ann "A" """.TrimEnd(), read.GetProperty("user").GetProperty("name").GetString());
        AssertNoCanary(audited);
    }

    [Fact]
    public async Task Denied_request_and_every_kind_of_refusal_has_one_response_entry()
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        int before = audited.Lines().Count(l => l.GetProperty("type").GetString() == "response");
        int answers = 0;
        foreach ((Operation operation, string path, string? json, string? token) in new (Operation, string, string?, string?)[]
        {
            (Operation.Read, "secret/data/a", null, "hvs.nobody"),
            (Operation.Read, "secret/data/a", null, ""),
            (Operation.Read, "nowhere", null, null),
            (Operation.Read, "secret/data/none", null, null),
            (Operation.Update, "secret/data/", "{}", null),
            (Operation.Update, "secret/data/x", "not json", null),
            (Operation.Patch, "sys/seal", "{}", null),
            (Operation.List, "secret/metadata", null, null),
        })
        {
            TestResponse answer = await audited.Vault.SendAsync(operation, path, json, token);
            Assert.InRange(answer.Status, 400, 499);
            answers++;
            Assert.Equal(before + answers, audited.Lines().Count(l => l.GetProperty("type").GetString() == "response"));
        }
        Assert.Contains("permission denied", audited.Lines().First(l => l.TryGetProperty("error", out _)).GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listing_is_elided_to_a_number_when_the_device_asks_for_it()
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        Assert.Equal(204, (await audited.Vault.WriteAsync("sys/audit/short", $$$"""{"type":"file","options":{"file_path":"{{{audited.Directory}}}/short.log","elide_list_responses":"true"}}""")).Status);
        await audited.Vault.WriteAsync("sys/mounts/v1", """{"type":"kv"}""");
        await audited.Vault.WriteAsync("v1/a", """{"x":"1"}""");
        await audited.Vault.WriteAsync("v1/b", """{"x":"1"}""");
        Assert.Equal(200, (await audited.Vault.ListAsync("v1/")).Status);
        string last = File.ReadLines(Path.Combine(audited.Directory, "short.log")).Last();
        Assert.Contains("\"data\":{\"keys\":2}", last, StringComparison.Ordinal);
        Assert.Equal(2, audited.Responses("v1/")[0].GetProperty("response").GetProperty("data").GetProperty("keys").GetArrayLength());
    }

    [Fact]
    public async Task Random_bodies_always_give_valid_lines_without_their_values()
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (int i = 0; i < 300; i++)
        {
            byte[] body = Encoding.UTF8.GetBytes($$$"""{"data":{"k{{{i}}}":"{{{Canary}}}","x":[1,2,{"y":"{{{Canary}}}"}]},"options":{"cas":0}}""");
            for (int flips = random.Next(4); flips > 0; flips--)
            {
                int at = random.Next(body.Length);
                int canary = Encoding.UTF8.GetString(body).IndexOf(Canary, StringComparison.Ordinal);
                if (canary < 0 || at < canary || at > canary + Canary.Length)
                    body[at] = (byte)random.Next(256);
            }
            await audited.Vault.Node.HandleAsync(
                new VaultRequest { Id = RandomText.Uuid(), Operation = Operation.Update, Path = CanonicalPath.Of("secret/data/r"), Token = audited.Vault.RootToken, Data = new RequestData(body) },
                CancellationToken.None);
        }
        Assert.True(audited.Verify().IsValid, audited.Verify().Break?.ToString());
        AssertNoCanary(audited);
    }

    private static void AssertNoCanary(AuditedVault audited)
    {
        string text = audited.Text();
        Assert.DoesNotContain(Canary, text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(Canary))[..^2], text, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(Canary)), text, StringComparison.OrdinalIgnoreCase);
    }
}
