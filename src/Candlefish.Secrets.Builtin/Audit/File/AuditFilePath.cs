using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Builtin.Audit.File;

/// <summary>A file below the audit directory, by its text; the operating system checks the rest when it is opened.</summary>
/// <param name="Directory">Absolute, as configured.</param>
/// <param name="Relative">Below it, without <c>.</c>, <c>..</c> and empty segments.</param>
internal sealed record AuditFilePath(string Directory, string Relative)
{
    /// <exception cref="RequestRefused">400: no directory configured, relative, outside, or with dots.</exception>
    public static AuditFilePath Parse(string path, string auditDirectory)
    {
        if (auditDirectory.Length == 0)
            throw RequestRefused.BadRequest("file devices are off: name the directory for audit files in the server configuration (audit_directory) or in CANDLEFISH_AUDIT_DIR");
        if (!path.StartsWith('/') || path.Contains('\0', StringComparison.Ordinal))
            throw RequestRefused.BadRequest("the path of an audit file must be absolute");
        string directory = Path.GetFullPath(auditDirectory).TrimEnd('/') + "/";
        string[] segments = path.Split('/')[1..];
        if (segments.Any(s => s is "" or "." or ".."))
            throw RequestRefused.BadRequest("the path of an audit file must not hold '.', '..' or empty segments");
        if (!path.StartsWith(directory, StringComparison.Ordinal))
            throw RequestRefused.BadRequest($"the path of an audit file must be below {directory}, the audit directory of the server configuration");
        return new AuditFilePath(directory, path[directory.Length..]);
    }
}
