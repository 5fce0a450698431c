using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

// The yardstick of every figure: Kestrel that answers each request with one fixed body, as long as a KV read's.
// Usage: candlefish-bench-bare PORT BODY_BYTES
int port = int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture);
byte[] body = Encoding.ASCII.GetBytes(new string('x', int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture)));
WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
{
    options.AddServerHeader = false;
    options.ListenLocalhost(port);
});
await using WebApplication app = builder.Build();
app.Run(context =>
{
    HttpResponse response = context.Response;
    response.ContentType = "application/json";
    response.ContentLength = body.Length;
    response.Headers.CacheControl = "no-store";
    return response.Body.WriteAsync(body, 0, body.Length);
});
await app.RunAsync();
