using Microsoft.Win32.SafeHandles;

namespace Candlefish.Secrets.Files;

/// <summary>
/// Reads a secret file straight into secret memory: open, check on the handle, size, content – in this order, so that
/// errors come as path, not found, mode, size, format. No managed copy of the content is made.
/// </summary>
internal static class SecretFileReader
{
    internal const int MaxTextBytes = 1_048_576;
    internal const int MaxKeyFileBytes = 1_024;

    internal static SecretBuffer ReadText(SafeFileHandle file, string path, SecretFileOptions options, bool isCredential)
    {
        using SecretBuffer content = Read(file, path, MaxTextBytes, isCredential, out int length);
        return content.Use(
            (options, length),
            static (bytes, state) =>
            {
                ReadOnlySpan<byte> whole = bytes[..state.length];
                return SecretBuffer.CopyOf(whole[SecretText.FindText(whole, state.options.MinBytes)]);
            });
    }

    internal static SecretBuffer ReadKey(SafeFileHandle file, string path, bool isCredential)
    {
        using SecretBuffer content = Read(file, path, MaxKeyFileBytes, isCredential, out int length);
        return content.Use(length, static (bytes, count) => SecretText.DecodeKey(bytes[..count]));
    }

    private static SecretBuffer Read(
        SafeFileHandle file, string path, int maxBytes, bool isCredential, out int length)
    {
        long stated = FileChecks.RequirePrivate(file, path, isCredential);
        if (stated > maxBytes)
        {
            throw TooLarge(stated, maxBytes, path);
        }

        // One byte more than stated: a full buffer shows that the file has grown, then the limit decides.
        SecretBuffer content = SecretBuffer.Allocate((int)stated + 1);
        try
        {
            length = Fill(file, path, content, 0);
            if (length == content.Length)
            {
                SecretBuffer larger = SecretBuffer.Allocate(maxBytes + 1);
                content.Use(larger, static (bytes, into) => into.Write(bytes, static (to, from) => from.CopyTo(to)));
                content.Dispose();
                content = larger;
                length = Fill(file, path, content, length);
            }

            return length <= maxBytes ? content : throw TooLarge(length, maxBytes, path);
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    /// <summary>Reads until the end of the file or of the buffer, and answers where it stopped.</summary>
    private static int Fill(SafeFileHandle file, string path, SecretBuffer content, int from)
    {
        int[] position = [from];
        try
        {
            content.Write((file, position), static (bytes, state) =>
            {
                int read;
                do
                {
                    read = RandomAccess.Read(state.file, bytes[state.position[0]..], state.position[0]);
                    state.position[0] += read;
                }
                while (read > 0 && state.position[0] < bytes.Length);
            });
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw SecretException.Io($"cannot read {path}", path);
        }

        return position[0];
    }

    private static SecretException TooLarge(long bytes, int maxBytes, string path) =>
        SecretException.InvalidFormat($"file too large: {bytes} bytes (max: {maxBytes})", path);
}
