using System.Security.Cryptography;

namespace Candlefish.Secrets.Vault.Audit;

/// <summary>
/// Checks an audit trail offline, with nothing but its files and the public key: shape of every line, sequence, hash
/// chain, signatures of the checkpoints. Streams; memory does not grow with the trail.
/// </summary>
/// <remarks>The layout is described at <see cref="ChainLine"/>, the meaning of lines in docs/audit.md.</remarks>
public static class AuditVerifier
{
    private const int ReadBytes = 128 << 10;

    /// <summary>Checks one file.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="FormatException">The public key or the anchor file of the options is not one.</exception>
    public static AuditVerifyResult VerifyFile(string path, AuditVerifyOptions options) => VerifyFiles([path], options);

    /// <summary>Checks rotated files of one trail, oldest first: each must continue the one before.</summary>
    /// <inheritdoc cref="VerifyFile"/>
    public static AuditVerifyResult VerifyFiles(IReadOnlyList<string> paths, AuditVerifyOptions options)
    {
        using var walk = new TrailWalk(options, TrailAnchor.Read(options.AnchorFile));
        foreach (string path in paths)
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
            if (!WalkStream(walk, file, Path.GetFileName(path)))
                break;
        }
        return walk.Finish();
    }

    /// <summary>Checks a trail that is read from a stream.</summary>
    /// <param name="name">Stands for the file name in the result.</param>
    /// <exception cref="FormatException">The public key of the options is not one.</exception>
    public static AuditVerifyResult Verify(Stream trail, string name, AuditVerifyOptions options)
    {
        using var walk = new TrailWalk(options, TrailAnchor.Read(options.AnchorFile));
        WalkStream(walk, trail, name);
        return walk.Finish();
    }

    /// <summary>Imports a public key in PEM or base64 SubjectPublicKeyInfo.</summary>
    /// <exception cref="FormatException">It is neither, or not a P-256 key.</exception>
    internal static (ECDsa Key, string Id) ImportKey(string text)
    {
        ECDsa key = ECDsa.Create();
        try
        {
            if (text.Contains("-----BEGIN", StringComparison.Ordinal))
                key.ImportFromPem(text);
            else
                key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(text.Trim()), out _);
            if (key.KeySize != 256)
                throw new FormatException("the public key is not a P-256 key");
            return (key, AuditSigner.IdOf(key.ExportSubjectPublicKeyInfo()));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or FormatException)
        {
            key.Dispose();
            throw new FormatException("the public key is neither PEM nor base64 of a SubjectPublicKeyInfo with a P-256 key", e);
        }
    }

    /// <summary>Hands every line to the walk; false when it met a bad one.</summary>
    private static bool WalkStream(TrailWalk walk, Stream stream, string name)
    {
        walk.BeginFile(name);
        byte[] buffer = new byte[ReadBytes];
        int length = 0;
        while (true)
        {
            if (length == buffer.Length)
            {
                if (length >= ChainLine.MaxBytes)
                    return walk.Unfinished(buffer.AsSpan(0, length));
                Array.Resize(ref buffer, buffer.Length * 2);
            }
            int read = stream.Read(buffer, length, buffer.Length - length);
            int searched = length;
            length += read;
            int start = 0;
            while (searched < length)
            {
                int feed = buffer.AsSpan(searched, length - searched).IndexOf((byte)'\n');
                if (feed < 0)
                    break;
                if (!walk.Line(buffer.AsSpan(start, searched + feed - start)))
                    return false;
                start = searched += feed + 1;
            }
            if (read == 0)
                return start == length || walk.Unfinished(buffer.AsSpan(start, length - start));
            buffer.AsSpan(start, length - start).CopyTo(buffer);
            length -= start;
        }
    }
}
