using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.Gateway.Http;
using SegOps.ServiceDefaults.Http;
using SegOps.ServiceDefaults.Redis;

namespace SegOps.Gateway.Admin;

/// <summary>Lets only administrators through: checks the token, slows down who guesses, and bounds all calls together.</summary>
internal sealed class AdminGate(IOptions<AdminOptions> options, TimeProvider clock)
{
    private const string Scheme = "Bearer";

    // Hashes are of one length, so that comparing them tells nothing of the token's length either.
    private readonly byte[] _token = SHA256.HashData(Encoding.UTF8.GetBytes(options.Value.Token ?? ""));
    private readonly AttemptLog<IPAddress> _failures = new(options.Value.FailuresPerMinute, clock);
    private readonly AttemptLog<string> _calls = new(options.Value.CallsPerMinute, clock);

    internal async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        context.Response.Headers.CacheControl = "no-store";
        var address = ClientAddress.Of(context);
        if (_failures.Wait(address) is { } failuresWait)
        {
            await Problems.WriteAsync(context, ErrorCodes.TooManyFailures, "Too many wrong admin tokens came from this address.", failuresWait);
            return;
        }
        if (!IsAdministrator(context.Request))
        {
            _failures.Add(address);
            context.Response.Headers.WWWAuthenticate = Scheme;
            await Problems.WriteAsync(context, ErrorCodes.InvalidAdminToken, "Send the header 'Authorization: Bearer ...' with the gateway's Admin:Token.");
            return;
        }
        if (_calls.Add(Scheme) is { } callsWait)
        {
            await Problems.WriteAsync(context, ErrorCodes.RateLimited, "The admin API's calls a minute are used up.", callsWait);
            return;
        }

        await AnswerAsync(context, next);
    }

    private static async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (AdminFault fault)
        {
            await Problems.WriteAsync(context, fault.Code, fault.Message);
        }
        catch (RedisUnavailableException)
        {
            await Problems.WriteAsync(context, ErrorCodes.AuthenticationUnavailable,
                "Redis did not answer; whether the change was made is not known: list before trying again.", TimeSpan.FromSeconds(1));
        }
    }

    private bool IsAdministrator(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme + " ", StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(header[(Scheme.Length + 1)..].Trim())), _token);
    }
}

/// <summary>An admin request that cannot be carried out; the message is for the administrator.</summary>
internal sealed class AdminFault(string code, string message) : Exception(message)
{
    internal string Code => code;
}
