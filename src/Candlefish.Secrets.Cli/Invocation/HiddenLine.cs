using System.Text;

namespace Candlefish.Secrets.Cli.Invocation;

/// <summary>Reads a line from the terminal without showing it. Pasting works; Backspace and Ctrl-U edit; Ctrl-D on an empty line ends.</summary>
internal static class HiddenLine
{
    internal static string? Read()
    {
        var line = new StringBuilder();
        try
        {
            while (true)
            {
                var key = Console.ReadKey(intercept: true);
                switch (key.Key)
                {
                    case ConsoleKey.Enter:
                        return line.ToString();
                    case ConsoleKey.Backspace when line.Length > 0:
                        line.Length--;
                        break;
                    case ConsoleKey.Backspace:
                        break;
                    case ConsoleKey.U when key.Modifiers.HasFlag(ConsoleModifiers.Control):
                        line.Clear();
                        break;
                    case ConsoleKey.D when key.Modifiers.HasFlag(ConsoleModifiers.Control) && line.Length == 0:
                        return null;
                    default:
                        if (!char.IsControl(key.KeyChar))
                        {
                            line.Append(key.KeyChar);
                        }

                        break;
                }
            }
        }
        finally
        {
            line.Clear();
        }
    }
}
