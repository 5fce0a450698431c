using Candlefish.Secrets.Vault.Audit;
using Candlefish.Secrets.Vault.Requests;
using Microsoft.Win32.SafeHandles;

namespace Candlefish.Secrets.Builtin.Audit.File;

/// <summary>
/// Appends lines to one file below the audit directory: mode 0600, opened with O_APPEND and without following links, locked
/// against a second writer.
/// </summary>
/// <remarks>
/// Options: <c>file_path</c> (older name <c>path</c>), absolute, below the audit directory; <c>mode</c>, only 0600;
/// <c>sync</c>, <c>os</c> (default: the operating system has every line, it survives the death of this process) or
/// <c>always</c> (on the disk before the answer).
/// </remarks>
internal sealed class FileAuditDevice : IResumableAuditDevice
{
    private readonly AuditFilePath _path;
    private readonly bool _syncs;
    private SafeFileHandle _file;

    private FileAuditDevice(AuditFilePath path, bool syncs, SafeFileHandle file)
    {
        _path = path;
        _syncs = syncs;
        _file = file;
    }

    public string Type => "file";

    /// <summary>Opens the device; <c>file_path=stdout</c> opens <see cref="StandardOutputDevice"/>.</summary>
    public static ValueTask<IAuditDevice> OpenAsync(AuditDeviceOptions options, CancellationToken cancellation)
    {
        var reader = new DeviceOptionReader("file", options.Options);
        string named = reader.Text("file_path");
        string older = reader.Text("path");
        string mode = reader.Text("mode");
        bool syncs = reader.OneOf("sync", "os", "always") == "always";
        reader.End();
        if (mode is not ("" or "0600" or "600"))
            throw RequestRefused.BadRequest("the option 'mode' of a file device must be 0600: nobody but this server reads or writes the trail, and it is never executable");
        if (named.Length > 0 && older.Length > 0 && named != older)
            throw RequestRefused.BadRequest("the options 'file_path' and 'path' of a file device differ: give file_path only");
        string path = named.Length > 0 ? named : older;
        if (path.Length == 0)
            throw RequestRefused.BadRequest("the option 'file_path' of a file device is missing");
        if (path == "stdout")
            return ValueTask.FromResult<IAuditDevice>(new StandardOutputDevice());
        AuditFilePath target = AuditFilePath.Parse(path, options.AuditDirectory);
        return ValueTask.FromResult<IAuditDevice>(new FileAuditDevice(target, syncs, PosixAuditFile.Open(target, syncs)));
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellation)
    {
        if (PosixAuditFile.IsDeleted(_file))
            throw new IOException("the file was deleted while the server wrote to it");
        // The offset does not matter: with O_APPEND the kernel writes at the end.
        RandomAccess.Write(_file, lines.Span, 0);
        if (_syncs)
            RandomAccess.FlushToDisk(_file);
        return ValueTask.CompletedTask;
    }

    public ValueTask<byte[]> ReadEndAsync(int count, CancellationToken cancellation)
    {
        long length = RandomAccess.GetLength(_file);
        byte[] end = new byte[Math.Min(count, length)];
        int filled = 0;
        while (filled < end.Length)
        {
            int read = RandomAccess.Read(_file, end.AsSpan(filled), length - end.Length + filled);
            if (read == 0)
                throw new EndOfStreamException("the file became shorter while it was read");
            filled += read;
        }
        return ValueTask.FromResult(end);
    }

    public ValueTask ReopenAsync(CancellationToken cancellation)
    {
        // The lock goes with the old file; the same path may name the same file.
        _file.Dispose();
        _file = PosixAuditFile.Open(_path, _syncs);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _file.Dispose();
        return ValueTask.CompletedTask;
    }
}
