using System.Text.Json;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Sys.Node;

namespace Candlefish.Secrets.Vault.Sys;

/// <summary>Writes routes as members of the <c>paths</c> object of an OpenAPI document.</summary>
internal sealed class OpenApiWriter(Utf8JsonWriter writer)
{
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);

    public void Write(Mount mount, bool isGeneric, bool onlyUnauthenticated)
    {
        bool isFixed = KernelBackends.FixedTypes.Contains(mount.Entry.Type);
        string mountParameter = $"{{{mount.Entry.Type}_mount_path}}";
        string prefix = !isGeneric || isFixed
            ? "/" + mount.RoutePrefix
            : (mount.Entry.Class == MountClass.Auth ? "/auth/" : "/") + mountParameter + "/";
        foreach (Route route in mount.Backend.Routes.Routes)
        {
            Operation[] operations = [.. route.Handlers.Keys.Where(o => !onlyUnauthenticated || route.IsUnauthenticated(o))];
            string path = prefix + route.Pattern.Replace("*}", "}", StringComparison.Ordinal);
            if (operations.Length == 0 || !_written.Add(path))
                continue;
            writer.WriteStartObject(path);
            writer.WriteString("description", route.Summary);
            WritePathParameters(path);
            if (operations.Any(route.IsUnauthenticated))
                writer.WriteBoolean("x-vault-unauthenticated", true);
            if (operations.Any(route.NeedsSudo))
                writer.WriteBoolean("x-vault-sudo", true);
            if (route.Exists is not null)
                writer.WriteBoolean("x-vault-createSupported", true);
            WriteOperations(path, route.Summary, operations, route.Fields);
            writer.WriteEndObject();
        }
    }

    public void Write(NodeRoute route)
    {
        string path = "/" + route.Path;
        if (!_written.Add(path))
            return;
        writer.WriteStartObject(path);
        writer.WriteString("description", route.Summary);
        writer.WriteBoolean("x-vault-unauthenticated", true);
        WriteOperations(path, route.Summary, [.. route.Handlers.Keys], route.Fields);
        writer.WriteEndObject();
    }

    private void WriteOperations(string path, string summary, Operation[] operations, IReadOnlyList<Field> fields)
    {
        bool reads = operations.Contains(Operation.Read);
        bool lists = operations.Contains(Operation.List) || operations.Contains(Operation.Scan);
        if (reads || lists)
        {
            writer.WriteStartObject("get");
            WriteHead(path, summary, "read");
            writer.WriteStartArray("parameters");
            if (lists)
                WriteQuery("list", "boolean", "true lists", isRequired: !reads);
            foreach (Field field in reads ? fields : [])
                WriteQuery(field.Name, SchemaType(field.Kind), field.Description, isRequired: false);
            writer.WriteEndArray();
            WriteResponses("200");
            writer.WriteEndObject();
        }
        if (operations.Contains(Operation.Update) || operations.Contains(Operation.Create))
            WriteWithBody("post", path, summary, fields);
        if (operations.Contains(Operation.Patch))
            WriteWithBody("patch", path, summary, fields);
        if (operations.Contains(Operation.Delete))
        {
            writer.WriteStartObject("delete");
            WriteHead(path, summary, "delete");
            WriteResponses("204");
            writer.WriteEndObject();
        }
    }

    private void WriteWithBody(string method, string path, string summary, IReadOnlyList<Field> fields)
    {
        writer.WriteStartObject(method);
        WriteHead(path, summary, method == "post" ? "write" : "patch");
        if (fields.Count > 0)
        {
            writer.WriteStartObject("requestBody");
            writer.WriteStartObject("content");
            writer.WriteStartObject(method == "post" ? "application/json" : "application/merge-patch+json");
            writer.WriteStartObject("schema");
            writer.WriteString("type", "object");
            writer.WriteStartObject("properties");
            foreach (Field field in fields)
                WriteProperty(field);
            writer.WriteEndObject();
            string[] required = [.. fields.Where(f => f.IsRequired).Select(f => f.Name)];
            if (required.Length > 0)
                writer.WriteStrings("required", required);
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        WriteResponses("200");
        writer.WriteEndObject();
    }

    private void WriteProperty(Field field)
    {
        writer.WriteStartObject(field.Name);
        string type = SchemaType(field.Kind);
        if (type.Length > 0)
            writer.WriteString("type", type);
        writer.WriteString("description", field.Description);
        if (field.Kind == FieldKind.Duration)
            writer.WriteString("format", "seconds");
        if (field.Kind == FieldKind.TextList)
        {
            writer.WriteStartObject("items");
            writer.WriteString("type", "string");
            writer.WriteEndObject();
        }
        if (field.Default is { } value)
            writer.WriteString("x-vault-default", value);
        if (field.IsDeprecated)
            writer.WriteBoolean("deprecated", true);
        writer.WriteEndObject();
    }

    private void WritePathParameters(string path)
    {
        writer.WriteStartArray("parameters");
        foreach (string segment in path.Split('/').Where(s => s.StartsWith('{')))
        {
            writer.WriteStartObject();
            writer.WriteString("name", segment.Trim('{', '}'));
            writer.WriteString("in", "path");
            writer.WriteBoolean("required", true);
            writer.WriteStartObject("schema");
            writer.WriteString("type", "string");
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private void WriteQuery(string name, string type, string description, bool isRequired)
    {
        writer.WriteStartObject();
        writer.WriteString("name", name);
        writer.WriteString("in", "query");
        writer.WriteString("description", description);
        writer.WriteBoolean("required", isRequired);
        writer.WriteStartObject("schema");
        if (type.Length > 0)
            writer.WriteString("type", type);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WriteHead(string path, string summary, string verb)
    {
        writer.WriteString("summary", summary);
        writer.WriteString("operationId", verb + "-" + string.Join('-', path.Split(['/', '{', '}', '-', '_'], StringSplitOptions.RemoveEmptyEntries)));
        writer.WriteStrings("tags", [path.Split('/', StringSplitOptions.RemoveEmptyEntries) is [var first, ..] ? first : "sys"]);
    }

    private void WriteResponses(string status)
    {
        writer.WriteStartObject("responses");
        writer.WriteStartObject(status);
        writer.WriteString("description", status == "204" ? "empty body" : "OK");
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static string SchemaType(FieldKind kind) => kind switch
    {
        FieldKind.Text or FieldKind.Duration => "string",
        FieldKind.Whole => "integer",
        FieldKind.Number => "number",
        FieldKind.Flag => "boolean",
        FieldKind.TextList => "array",
        FieldKind.Map => "object",
        _ => "",
    };
}
