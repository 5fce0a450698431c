namespace Candlefish.Secrets;

/// <summary>
/// Where a service finds one secret. The first that is there wins: systemd credential, file, and – while a migration is
/// under way – the environment variable, with a warning. A source that is there and bad is an error, never skipped.
/// </summary>
/// <example><code>
/// var source = new SecretSource
/// {
///     Credential = "api_token",
///     FileVariable = "POOL_API_TOKEN_FILE",
///     DefaultPath = "/etc/pool/secrets/api-token",
/// };
/// using Secret token = source.Load();
/// </code></example>
public sealed record SecretSource
{
    /// <summary>Name of a systemd credential.</summary>
    public string? Credential { get; init; }

    /// <summary>Name of the environment variable that holds the path of the file.</summary>
    public string? FileVariable { get; init; }

    /// <summary>Path used when <see cref="FileVariable"/> is not set; it may be missing.</summary>
    public string? DefaultPath { get; init; }

    /// <summary>Name of the environment variable that holds the value itself: obsolete.</summary>
    public string? ValueVariable { get; init; }

    /// <summary>Rules for the file.</summary>
    public SecretFileOptions Options { get; init; } = SecretFileOptions.Strict;

    /// <summary>In place of the variable CREDENTIALS_DIRECTORY.</summary>
    public string? CredentialsDirectory { get; init; }

    /// <summary>Whether one of the sources is there. Nothing is loaded or checked.</summary>
    public bool IsConfigured =>
        HasCredential || NamedPath is not null || SecretFile.Exists(DefaultPath) || Read(ValueVariable) is not null;

    private bool HasCredential => Credential is not null && SystemdCredential.Exists(Credential, CredentialsDirectory);

    private string? NamedPath => Read(FileVariable) is { Length: > 0 } path ? path : null;

    /// <summary>Loads from the first source that is there.</summary>
    /// <exception cref="SecretException">
    /// <see cref="SecretErrorKind.FileNotFound"/> when there is none, naming each place that was tried; else the error of
    /// the loader.
    /// </exception>
    public Secret Load()
    {
        if (Credential is not null && HasCredential)
        {
            return Secret.LoadFromSystemdCredential(Credential, CredentialsDirectory);
        }

        if (NamedPath is string named)
        {
            return Secret.LoadFromFile(named, Options);
        }

        if (DefaultPath is not null && SecretFile.Exists(DefaultPath))
        {
            return Secret.LoadFromFile(DefaultPath, Options);
        }

        if (ValueVariable is not null && Read(ValueVariable) is not null)
        {
            return EnvironmentSecret.Load(ValueVariable);
        }

        string tried = string.Join(
            ", ",
            new[]
            {
                Credential is null ? null : $"systemd credential {Credential}",
                FileVariable is null ? null : $"file named by {FileVariable}",
                DefaultPath,
                ValueVariable is null ? null : $"env var {ValueVariable}",
            }.Where(place => place is not null));
        throw SecretException.FileNotFound($"no source is set ({tried})");
    }

#pragma warning disable RS0030 // The ordered sources of a service include the environment.
    private static string? Read(string? variable) =>
        variable is null ? null : Environment.GetEnvironmentVariable(variable);
#pragma warning restore RS0030
}
