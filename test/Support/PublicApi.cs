using System.Reflection;
using System.Text;

namespace Candlefish.Secrets.Tests.Support;

/// <summary>
/// Prints the public surface of an assembly, one member per line, sorted: what <c>api/*.txt</c> holds. A change of the
/// surface is then a visible line of the change itself.
/// </summary>
public static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(bool)] = "bool", [typeof(byte)] = "byte", [typeof(char)] = "char", [typeof(int)] = "int",
        [typeof(uint)] = "uint", [typeof(long)] = "long", [typeof(ulong)] = "ulong", [typeof(double)] = "double",
        [typeof(string)] = "string", [typeof(object)] = "object", [typeof(void)] = "void",
    };

    public static string Print(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Kind(type)).Append(' ').Append(type.Namespace).Append('.').AppendLine(Name(type) + Bases(type));
            foreach (string member in Members(type).Order(StringComparer.Ordinal))
            {
                text.Append("    ").AppendLine(member);
            }
        }

        return text.ToString().Replace("\r\n", "\n", StringComparison.Ordinal);
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            return Enum.GetNames(type).Select(name => $"{name} = {Convert.ToInt64(Enum.Parse(type, name), null)}");
        }

        if (typeof(Delegate).IsAssignableFrom(type))
        {
            return [Signature(type.GetMethod("Invoke") ?? throw new InvalidOperationException("A delegate has Invoke."))];
        }

        IEnumerable<string> constructors = type.GetConstructors(Declared).Where(IsVisible)
            .Select(constructor => $"new({Parameters(constructor)})");
        IEnumerable<string> methods = type.GetMethods(Declared)
            .Where(method => IsVisible(method) && !method.IsSpecialName && !method.Name.Contains('<', StringComparison.Ordinal))
            .Select(Signature);
        IEnumerable<string> properties = type.GetProperties(Declared)
            .Where(property => property.GetAccessors(nonPublic: true).Any(IsVisible))
            .Select(property => $"{Static(property.GetAccessors(nonPublic: true)[0])}{Name(property.PropertyType)} {property.Name} {{ {Accessors(property)}}}");
        IEnumerable<string> fields = type.GetFields(Declared).Where(field => field.IsPublic || field.IsFamily)
            .Select(field => $"{(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}{Name(field.FieldType)} {field.Name}{(field.IsLiteral ? $" = {field.GetRawConstantValue()}" : "")}");
        IEnumerable<string> events = type.GetEvents(Declared).Where(item => item.AddMethod is not null && IsVisible(item.AddMethod))
            .Select(item => $"event {Name(item.EventHandlerType ?? typeof(Delegate))} {item.Name}");
        return [.. constructors, .. methods, .. properties, .. fields, .. events];
    }

    private static string Kind(Type type) =>
        type.IsEnum ? "enum"
        : typeof(Delegate).IsAssignableFrom(type) ? "delegate"
        : type.IsInterface ? "interface"
        : type.IsValueType ? "struct"
        : type.IsAbstract && type.IsSealed ? "static class"
        : type.IsSealed ? "sealed class"
        : type.IsAbstract ? "abstract class"
        : "class";

    private static string Bases(Type type)
    {
        if (type.IsEnum || typeof(Delegate).IsAssignableFrom(type))
        {
            return "";
        }

        var names = type.GetInterfaces().Select(Name).Order(StringComparer.Ordinal).ToList();
        if (type.BaseType is Type parent && parent != typeof(object) && parent != typeof(ValueType))
        {
            names.Insert(0, Name(parent));
        }

        return names.Count == 0 ? "" : " : " + string.Join(", ", names);
    }

    private static string Signature(MethodInfo method)
    {
        string generic = method.IsGenericMethod
            ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>"
            : "";
        return $"{Static(method)}{Name(method.ReturnType)} {method.Name}{generic}({Parameters(method)})";
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
    {
        string prefix = parameter.IsOut ? "out " : parameter.ParameterType.IsByRef ? "ref " : "";
        Type type = parameter.ParameterType.IsByRef ? parameter.ParameterType.GetElementType() ?? typeof(object) : parameter.ParameterType;
        return $"{prefix}{Name(type)} {parameter.Name}{(parameter.HasDefaultValue ? " = default" : "")}";
    }));

    private static string Accessors(PropertyInfo property)
    {
        string get = property.GetMethod is not null && IsVisible(property.GetMethod) ? "get; " : "";
        bool isInit = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Length > 0;
        string set = property.SetMethod is not null && IsVisible(property.SetMethod) ? (isInit ? "init; " : "set; ") : "";
        return get + set;
    }

    private static string Static(MethodBase method) => method.IsStatic ? "static " : "";

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Name(Type type)
    {
        if (Keywords.TryGetValue(type, out string? keyword))
        {
            return keyword;
        }

        if (type.IsArray)
        {
            return Name(type.GetElementType() ?? typeof(object)) + "[]";
        }

        string own = type.IsNested && !type.IsGenericParameter && type.DeclaringType is not null
            ? $"{type.DeclaringType.Name}.{type.Name}"
            : type.Name;
        return type.IsGenericType
            ? $"{own.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
            : own;
    }
}
