using System.Text;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Tests.Unit.Secrets.Hygiene;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets.Features;

/// <summary>
/// What the sentences of the feature files do. Each scenario has its own temporary directory, which is the allowed root:
/// paths of the text are mapped below it, except those that climb. A file that is not described has mode 0600 and
/// default content; one named symlink-to-… is a link to a private file beside it.
/// </summary>
internal sealed class SecretSteps : IDisposable
{
    private const string DefaultPath = "/etc/candlefish/secrets/default-token";
    private const string DefaultContent = "default-secret-content";

    private readonly TemporarySecrets _files = new();
    private readonly LogCapture _log = new();
    private readonly List<string> _domains = [];
    private readonly List<SecretKey> _keys = [];
    private string _path = DefaultPath;
    private int _mode = 0x180;
    private string _content = DefaultContent;
    private string _token = "";
    private string _credential = "";
    private string? _credentialsDirectory;
    private Secret? _secret;
    private SecretException? _error;
    private bool? _verified;

    internal static StepBook Write(SecretSteps steps)
    {
        var book = new StepBook();
        book.Given<string>("a secret file at {string}", path => steps._path = path);
        book.Given<int>("a secret file with permissions {int}", mode => steps._mode = mode);
        book.Given<string>("a secret file containing {string}", content => steps._content = content);
        book.Given("a secret file containing 2MB of data", () => steps._content = new string('x', 2 * 1024 * 1024));
        book.Given<string>("a systemd credential {string}", name => steps._credential = name);
        book.Given<string>("CREDENTIALS_DIRECTORY is set to {string}", path => steps._credentialsDirectory = path);
        book.Given<string>("a token {string}", token => steps._token = token);
        book.Given<string>("a domain {string}", steps._domains.Add);
        book.When("I load the secret from file", steps.LoadFile);
        book.When<string>("I verify the secret with {string}", steps.Verify);
        book.When("I derive a key from the token", steps.Derive);
        book.When("I load from systemd credential", steps.LoadCredential);
        book.Then("the operation should succeed", steps.Succeeded);
        book.Then("the operation should fail", () => Assert.NotNull(steps._error));
        book.Then("the operation should reject world-readable files", () => steps.RefusedMode(4));
        book.Then("the operation should reject group-readable files", () => steps.RefusedMode(32));
        book.Then("the operation should reject path traversal", () => steps.Failed(nameof(SecretErrorKind.PathValidationFailed)));
        book.Then<string>("the error should be {string}", steps.Failed);
        book.Then("the verification should succeed", () => Assert.True(steps._verified));
        book.Then("the verification should fail", () => Assert.False(steps._verified));
        book.Then("the derived key should be 32 bytes", () => Assert.Equal(32, steps._keys[0].Use(0, static (key, _) => key.Length)));
        book.Then("the derived key should be deterministic", steps.SameAgain);
        book.Then("the derived keys should differ", steps.Differ);
        book.Then("the secret should not be logged", steps.NotLogged);
        book.Then("the secret should be zeroized on drop", steps.Zeroized);
        return book;
    }

    public void Dispose()
    {
        _secret?.Dispose();
        _keys.ForEach(key => key.Dispose());
        _log.Dispose();
        _files.Dispose();
    }

    private void LoadFile()
    {
        bool climbs = _path.Contains("..", StringComparison.Ordinal);
        string path = climbs ? _path : _files.PathOf(_path.TrimStart('/'));
        if (!climbs)
        {
            string name = Path.GetFileName(path);
            string real = name.StartsWith("symlink-to-", StringComparison.Ordinal) ? name["symlink-to-".Length..] : name;
            string directory = Path.GetDirectoryName(_path.TrimStart('/')) ?? "";
            string target = _files.Write(Path.Join(directory, real), _content, (UnixFileMode)_mode);
            if (real != name)
            {
                _files.Link(Path.Join(directory, name), target);
            }
        }

        Try(() => _secret = Secret.LoadFromFile(path, new SecretFileOptions { AllowedRoot = _files.Directory }));
    }

    private void Verify(string candidate)
    {
        LoadFile();
        Succeeded();
        _verified = _secret?.Verify(candidate);
    }

    private void Derive() => Try(() =>
    {
        foreach (string domain in _domains.DefaultIfEmpty(""))
        {
            _keys.Add(SecretKey.DeriveFromToken(_token, domain));
        }
    });

    private void LoadCredential()
    {
        // The directory is passed per call: the variable of the process would leak into other tests.
        string directory = _credentialsDirectory ?? _files.CredentialsDirectory;
        if (_credentialsDirectory is null)
        {
            _files.WriteCredential(_credential, _content);
        }

        Try(() => _secret = Secret.LoadFromSystemdCredential(_credential, directory));
    }

    private void Try(Action action)
    {
        try
        {
            action();
        }
        catch (SecretException error)
        {
            _error = error;
        }
    }

    private void Succeeded()
    {
        Assert.Null(_error);
        Assert.True(_secret is not null || _keys.Count > 0, "Nothing was loaded or derived.");
        if (_secret is not null)
        {
            Assert.True(_secret.Verify(_content), "The loaded secret is not the content of the file.");
        }
    }

    private void Failed(string kind)
    {
        Assert.NotNull(_error);
        Assert.Equal(kind, _error.Kind.ToString());
    }

    private void RefusedMode(int bit)
    {
        Failed(nameof(SecretErrorKind.PermissionsTooOpen));
        Assert.Equal(_mode, _error?.Mode);
        Assert.Equal(bit, _mode & bit);
    }

    private void SameAgain()
    {
        using SecretKey again = SecretKey.DeriveFromToken(_token, _domains[0]);
        Assert.True(again.Use(_keys[0], static (bytes, first) => first.Verify(bytes)));
    }

    private void Differ()
    {
        Assert.Equal(2, _keys.Count);
        Assert.False(_keys[0].Use(_keys[1], static (bytes, other) => other.Verify(bytes)));
    }

    private void NotLogged()
    {
        Assert.NotEmpty(_log.Lines);
        string everything = string.Join('\n', _log.Lines) + _secret + _error + $"{_secret}";
        Assert.DoesNotContain(_content, everything, StringComparison.Ordinal);
    }

    private void Zeroized()
    {
        MemoryScan scan = MemoryScan.For(Encoding.UTF8.GetBytes(_content));
        int alive = scan.CountIn(MemoryScan.SecretPages());
        Assert.True(alive >= 1, "The living secret is not in its own memory.");
        _secret?.Dispose();
        Assert.Equal(alive - 1, scan.CountIn(MemoryScan.SecretPages()));
    }
}
