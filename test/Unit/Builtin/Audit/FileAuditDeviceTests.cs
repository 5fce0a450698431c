using System.Runtime.Versioning;
using Candlefish.Secrets.Builtin;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Audit;
using Candlefish.Secrets.Vault.Requests;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Builtin.Audit;

/// <summary>What a file device refuses: a trail must never become a program, and never leave its directory.</summary>
[SupportedOSPlatform("linux")]
public sealed class FileAuditDeviceTests : IDisposable
{
    private readonly TemporaryDirectory _outside = new();
    private readonly TemporaryDirectory _directory = new();

    [Theory]
    [InlineData("mode", "0755", "mode")]
    [InlineData("mode", "0644", "mode")]
    [InlineData("mode", "0", "mode")]
    [InlineData("sync", "sometimes", "sync")]
    [InlineData("owner", "root", "unknown option 'owner'")]
    public async Task Row066_option_that_is_not_safe_is_refused(string name, string value, string expected) =>
        Assert.Contains(expected, await RefusalAsync(new() { ["file_path"] = _directory["a.log"], [name] = value }), StringComparison.Ordinal);

    [Theory]
    [InlineData("prefix", "#!/bin/sh\\n", "prefix")]
    [InlineData("log_raw", "true", "log_raw")]
    [InlineData("format", "jsonx", "format")]
    [InlineData("hmac_accessor", "false", "hmac_accessor")]
    [InlineData("filter", "operation == read", "filter")]
    [InlineData("mode", "0755", "mode")]
    public async Task Row066_option_is_refused_over_the_api_without_a_file(string name, string value, string expected)
    {
        await using TestVault vault = await TestVault.StartAsync(new() { AuditDirectory = _directory.Path, AuditsFromInit = false });
        TestResponse refused = await vault.WriteAsync("sys/audit/file", $$$"""{"type":"file","options":{"file_path":"{{{_directory["b.log"]}}}","{{{name}}}":"{{{value}}}"}}""");
        Assert.Equal(400, refused.Status);
        Assert.Contains($"'{expected}'", refused.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_directory["b.log"]));
        Assert.Empty((await vault.ReadAsync("sys/audit")).Data.EnumerateObject());
    }

    [Theory]
    [InlineData("file_path")]
    [InlineData("path")]
    public async Task Row067_path_outside_the_directory_is_refused_under_both_names(string name)
    {
        foreach (string path in new[]
        {
            _outside["a.log"],
            _directory.Path,
            _directory.Path + "/",
            _directory.Path + "x/a.log",
            _directory["../" + Path.GetFileName(_outside.Path) + "/a.log"],
            _directory["./a.log"],
            _directory["sub/../../a.log"],
            _directory.Path + "//a.log",
            "audit.log",
            "/etc/cron.d/audit",
            "discard",
        })
        {
            await RefusalAsync(new() { [name] = path });
        }
        Assert.Empty(Directory.GetFileSystemEntries(_outside.Path));
        Assert.Empty(Directory.GetFileSystemEntries(_directory.Path));
    }

    [Fact]
    public async Task Row067_both_names_with_different_paths_are_refused() =>
        Assert.Contains("differ", await RefusalAsync(new() { ["file_path"] = _directory["a.log"], ["path"] = _directory["b.log"] }), StringComparison.Ordinal);

    [Fact]
    public async Task Row067_links_are_refused()
    {
        string real = _outside["real.log"];
        Create(real, UserOnly);
        File.CreateSymbolicLink(_directory["soft.log"], real);
        File.CreateSymbolicLink(_directory["dangling.log"], _outside["new.log"]);
        Directory.CreateSymbolicLink(_directory["folder"], _outside.Path);
        Create(_directory["one.log"], UserOnly);
        using (var link = System.Diagnostics.Process.Start("ln", [_directory["one.log"], _directory["two.log"]]))
            await link.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Contains("symbolic link", await RefusalAsync(new() { ["file_path"] = _directory["soft.log"] }), StringComparison.Ordinal);
        Assert.Contains("symbolic link", await RefusalAsync(new() { ["file_path"] = _directory["dangling.log"] }), StringComparison.Ordinal);
        Assert.Contains("symbolic link", await RefusalAsync(new() { ["file_path"] = _directory["folder/a.log"] }), StringComparison.Ordinal);
        Assert.Contains("hard links", await RefusalAsync(new() { ["file_path"] = _directory["two.log"] }), StringComparison.Ordinal);
        Assert.False(File.Exists(_outside["new.log"]));
        Assert.Equal(0, new FileInfo(real).Length);
    }

    [Fact]
    public async Task Row066_existing_file_with_another_mode_or_kind_is_refused()
    {
        Create(_directory["wide.log"], UserOnly | UnixFileMode.OtherRead);
        Create(_directory["program.log"], UserOnly | UnixFileMode.UserExecute);
        Directory.CreateDirectory(_directory["folder.log"]);
        using (var fifo = System.Diagnostics.Process.Start("mkfifo", ["-m", "600", _directory["fifo.log"]]))
            await fifo.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Contains("0604", await RefusalAsync(new() { ["file_path"] = _directory["wide.log"] }), StringComparison.Ordinal);
        Assert.Contains("0700", await RefusalAsync(new() { ["file_path"] = _directory["program.log"] }), StringComparison.Ordinal);
        Assert.Contains("not a regular file", await RefusalAsync(new() { ["file_path"] = _directory["fifo.log"] }), StringComparison.Ordinal);
        await RefusalAsync(new() { ["file_path"] = _directory["folder.log"] });
    }

    [Fact]
    public async Task Created_file_has_mode_0600_and_one_writer()
    {
        await using IAuditDevice device = await OpenAsync(new() { ["file_path"] = _directory["a.log"] });
        Assert.Equal(UserOnly, File.GetUnixFileMode(_directory["a.log"]));
        Assert.Contains("in use", await RefusalAsync(new() { ["file_path"] = _directory["a.log"] }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_directory_means_no_file_devices() =>
        Assert.Contains("audit_directory", (await Assert.ThrowsAsync<RequestRefused>(async () =>
            await Factory(new AuditDeviceOptions("file/", new Dictionary<string, string> { ["file_path"] = "/tmp/x.log" }, ""), CancellationToken.None))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task File_that_holds_something_else_is_refused_and_kept()
    {
        Create(_directory["a.log"], UserOnly);
        await File.WriteAllTextAsync(_directory["a.log"], "precious\n", TestContext.Current.CancellationToken);
        await using TestVault vault = await TestVault.StartAsync(new() { AuditDirectory = _directory.Path, AuditsFromInit = false });
        TestResponse refused = await vault.WriteAsync("sys/audit/file", $$$"""{"type":"file","options":{"file_path":"{{{_directory["a.log"]}}}"}}""");
        Assert.Equal(400, refused.Status);
        Assert.Contains("not an audit trail", refused.Error, StringComparison.Ordinal);
        Assert.Equal("precious\n", await File.ReadAllTextAsync(_directory["a.log"], TestContext.Current.CancellationToken));
    }

    public void Dispose()
    {
        _directory.Dispose();
        _outside.Dispose();
    }

    private const UnixFileMode UserOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static AuditDeviceFactory Factory => Builtins.AuditDevices().Find("file") ?? throw new InvalidOperationException("no file device");

    private static void Create(string path, UnixFileMode mode)
    {
        File.WriteAllBytes(path, []);
        File.SetUnixFileMode(path, mode);
    }

    private ValueTask<IAuditDevice> OpenAsync(Dictionary<string, string> options) =>
        Factory(new AuditDeviceOptions("file/", options, _directory.Path), CancellationToken.None);

    private async Task<string> RefusalAsync(Dictionary<string, string> options)
    {
        var refused = await Assert.ThrowsAsync<RequestRefused>(async () => await (await OpenAsync(options)).DisposeAsync());
        Assert.Equal(400, refused.Status);
        return refused.Message;
    }
}
