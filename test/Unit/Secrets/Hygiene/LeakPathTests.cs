using System.Collections;
using System.ComponentModel;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.Serialization;
using System.Text;
using System.Text.Json;
using System.Xml.Serialization;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets.Hygiene;

/// <summary>Pushes one sentinel through every way on which values usually get out, and looks for it in what comes out.</summary>
public sealed class LeakPathTests : IDisposable
{
    private const string Sentinel = "SENTINEL-7f3a9c-value-32-bytes!!";

    private static readonly Type[] SecretTypes = [typeof(Secret), typeof(SecretKey), typeof(SecretBuffer)];

    private readonly Secret _secret = Secret.FromText(Sentinel);
    private readonly SecretKey _key = SecretKey.FromBytes(Encoding.UTF8.GetBytes(Sentinel));
    private readonly SecretBuffer _buffer = SecretBuffer.CopyOf(Encoding.UTF8.GetBytes(Sentinel));

    private object[] Instances => [_secret, _key, _buffer];

    public void Dispose()
    {
        _secret.Dispose();
        _key.Dispose();
        _buffer.Dispose();
    }

    [Fact]
    [Requirement("LIB-5", "SM-TYPE-3001-R2", "SM-TYPE-3002-R2", "SM-SEC-5002-R1", "SM-SEC-5002-R2", "SM-TEST-3001-T1", "SM-TEST-3002-T1", "SEC-SECRET-011")]
    public void Text_forms_show_nothing()
    {
        foreach (object instance in Instances)
        {
            Clean(instance.ToString());
            Clean($"{instance} {instance,40}");
            Clean(string.Format(System.Globalization.CultureInfo.InvariantCulture, "{0:G}", instance));
            Clean(new StringBuilder().Append(instance).Append(System.Globalization.CultureInfo.InvariantCulture, $"{instance}").ToString());
            Clean(TypeDescriptor.GetConverter(instance).ConvertToString(instance));
            Clean(Convert.ToString(instance, System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    [Requirement("LIB-5", "SM-SEC-5002-R3")]
    public void Types_offer_no_formatting_conversion_enumeration_clone_or_content_equality()
    {
        Type[] refused =
        [
            typeof(IFormattable), typeof(ISpanFormattable), typeof(IUtf8SpanFormattable), typeof(IEnumerable),
            typeof(IConvertible), typeof(ICloneable), typeof(ISerializable), typeof(IComparable),
        ];
        foreach (Type type in SecretTypes)
        {
            Assert.True(type.IsSealed);
            Assert.DoesNotContain(refused, contract => contract.IsAssignableFrom(type));
            Assert.DoesNotContain(type.GetInterfaces(), contract => contract.Name.StartsWith("IEquatable", StringComparison.Ordinal));
            Assert.DoesNotContain(
                type.GetMethods(BindingFlags.Public | BindingFlags.Static),
                method => method.Name.StartsWith("op_", StringComparison.Ordinal));
            Assert.Equal(typeof(object), type.GetMethod(nameof(GetHashCode))?.DeclaringType);
            Assert.Equal(typeof(object), type.GetMethod(nameof(Equals), [typeof(object)])?.DeclaringType);
        }
    }

    [Fact]
    [Requirement("LIB-1", "LIB-6", "SM-TYPE-3001-R5", "SEC-SECRET-010")]
    public void No_public_member_gives_out_bytes_text_or_a_span()
    {
        foreach (Type type in SecretTypes)
        {
            Assert.All(type.GetProperties(), property => Assert.True(
                property.PropertyType == typeof(bool) || property.PropertyType == typeof(int), property.Name));
            Assert.Empty(type.GetFields(BindingFlags.Public | BindingFlags.Instance));
            Type[] carriers = [typeof(byte[]), typeof(char[]), typeof(Span<byte>), typeof(ReadOnlySpan<byte>), typeof(Memory<byte>), typeof(ReadOnlyMemory<byte>), typeof(nint)];
            Assert.DoesNotContain(
                type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly),
                method => carriers.Contains(method.ReturnType) ||
                    (method.ReturnType == typeof(string) && method.Name != nameof(ToString)));
        }
    }

    [Fact]
    [Requirement("LIB-5", "SM-SEC-5002-R4")]
    public void Serializers_write_nothing_and_read_nothing()
    {
        foreach (object instance in Instances)
        {
            var holder = new Dictionary<string, object> { ["inner"] = instance };
            Clean(JsonSerializer.Serialize(instance, instance.GetType()));
            Clean(JsonSerializer.Serialize(holder));
            Clean(Attempt(stream => new DataContractSerializer(instance.GetType()).WriteObject(stream, instance)));
            Clean(Attempt(stream => new XmlSerializer(instance.GetType()).Serialize(stream, instance)));
        }

        Assert.Equal("null", JsonSerializer.Serialize(_secret));
        Assert.Equal("null", JsonSerializer.Serialize(_key));
        Assert.Equal("{\"Name\":\"n\",\"Token\":null}", JsonSerializer.Serialize(new { Name = "n", Token = _secret }));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Secret>("\"x\""));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<SecretKey>("\"x\""));
    }

    [Fact]
    public void Json_is_read_only_when_explicitly_enabled()
    {
        var options = new JsonSerializerOptions { Converters = { new SecretJsonConverter(allowRead: true) } };
        using Secret read = JsonSerializer.Deserialize<Secret>("\"t\\u00f6ken\"", options)!;
        Assert.True(read.Verify("töken"));
        Assert.Equal("null", JsonSerializer.Serialize(read, options));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Secret>("42", options));
    }

    [Fact]
    [Requirement("LIB-5", "SM-SEC-5002-R1")]
    public void Debuggers_see_a_proxy_without_content()
    {
        foreach (Type type in SecretTypes)
        {
            Assert.DoesNotContain('{', type.GetCustomAttribute<DebuggerDisplayAttribute>()!.Value);
            Assert.Contains("RedactedDebugView", type.GetCustomAttribute<DebuggerTypeProxyAttribute>()!.ProxyTypeName, StringComparison.Ordinal);
            Assert.All(
                type.GetFields(BindingFlags.NonPublic | BindingFlags.Instance),
                field => Assert.Equal(
                    DebuggerBrowsableState.Never, field.GetCustomAttribute<DebuggerBrowsableAttribute>()!.State));
        }
    }

    [Fact]
    [Requirement("LIB-5", "LIB-46", "SM-SEC-5002-R6")]
    public void Structured_loggers_that_walk_the_object_find_nothing()
    {
        foreach (object instance in Instances)
        {
            var seen = new StringBuilder();
            Walk(instance, seen, depth: 0);
            Clean(seen.ToString());
        }

        using var activity = new Activity("test");
        activity.SetTag("secret", _secret);
        Clean(string.Join(' ', activity.TagObjects.Select(tag => tag.Value?.ToString())));
    }

    [Fact]
    [Requirement("LIB-45", "SM-SEC-5002-R5", "SM-TYPE-3003-R2", "SEC-SECRET-012", "EXP-CROSS-7001-R1")]
    public void Errors_about_a_value_do_not_hold_it()
    {
        using var files = new TemporarySecrets();
        UnixFileMode open = (UnixFileMode)Convert.ToInt32("644", 8);
        string hex = new string('Z', 32) + Sentinel;
        Action[] calls =
        [
            () => Secret.LoadFromFile(files.Write("a", Sentinel, open)),
            () => SecretKey.LoadFromFile(files.Write("b", Sentinel)),
            () => SecretKey.LoadFromFile(files.Write("c", hex)),
            () => Secret.LoadFromFile(files.Write("d", "\ufeff" + Sentinel)),
            () => Secret.LoadFromFile(files.Write("e", Sentinel), new SecretFileOptions { MinBytes = 1000 }),
            () => Secret.LoadFromFile(files.Write("f", new string('x', 2_000_000) + Sentinel)),
            () => SecretKey.FromBytes(Encoding.UTF8.GetBytes(Sentinel + "x")),
            () => Secret.FromText(Sentinel + "\ud800"),
            () => SecretKey.DeriveFromToken(Sentinel, ""),
            () => Shamir.Combine([Encoding.UTF8.GetBytes(Sentinel), Encoding.UTF8.GetBytes(Sentinel)]),
            () => Shamir.Split(Encoding.UTF8.GetBytes(Sentinel), 3, 4),
            () => JsonSerializer.Deserialize<Secret>($"\"{Sentinel}\""),
        ];
        foreach (Action call in calls)
        {
            Exception error = Assert.ThrowsAny<Exception>(call);
            Clean(error.ToString());
            Clean(string.Join(' ', error.Data.Values.Cast<object?>()));
        }
    }

    [Fact]
    [Requirement("LIB-46", "SM-SEC-5002-R6", "SM-LOAD-4003-R6", "SEC-SECRET-013", "SEC-VULN-LOG", "EXP-ORCH-2002-R6", "EXP-VRAM-5001-R6", "EXP-CROSS-7002-R1", "EXP-CROSS-7002-R2", "EXP-SECURITY-8003-R1")]
    public void Log_holds_paths_domains_and_errors_and_no_value()
    {
        using var files = new TemporarySecrets();
        using var log = new LogCapture();
        string path = files.Write("token", Sentinel);
        Secret.LoadFromFile(path).Dispose();
        SecretKey.DeriveFromToken(Sentinel, "domain-of-this-test").Dispose();
        SecretException error = Assert.Throws<SecretException>(() => SecretKey.LoadFromFile(path));
        string text = string.Join('\n', log.Lines);
        Clean(text);
        Assert.Contains($"Secret loaded from file: {path}", text, StringComparison.Ordinal);
        Assert.Contains("Secret key derived for domain: domain-of-this-test", text, StringComparison.Ordinal);
        Assert.Contains(error.Message, text, StringComparison.Ordinal);
    }

    /// <summary>What a logger does for {@value}: public properties, two levels down.</summary>
    private static void Walk(object? value, StringBuilder seen, int depth)
    {
        seen.Append(value).Append(' ');
        if (value is null || depth == 2)
        {
            return;
        }

        foreach (PropertyInfo property in value.GetType().GetProperties().Where(p => p.GetIndexParameters().Length == 0))
        {
            Walk(property.GetValue(value), seen, depth + 1);
        }
    }

    private static string Attempt(Action<Stream> serialize)
    {
        using var stream = new MemoryStream();
        try
        {
            serialize(stream);
        }
        catch (Exception refused) when (refused is InvalidOperationException or InvalidDataContractException or SerializationException)
        {
            return refused.ToString();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void Clean(string? output)
    {
        Assert.NotNull(output);
        Assert.DoesNotContain(Sentinel, output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Sentinel[..12], output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(Sentinel))[..12], output, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexString(Encoding.UTF8.GetBytes(Sentinel))[..12], output, StringComparison.OrdinalIgnoreCase);
    }
}
