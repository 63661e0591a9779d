using Microsoft.Net.Http.Headers;
using SegOps.Gateway.Http;
using Yarp.ReverseProxy.Transforms;

namespace SegOps.Gateway.Proxy;

/// <summary>Keeps what the services tell the gateway, and which software they run on, from the client. The proxied response itself keeps all.</summary>
internal sealed class ResponseHeaders : ResponseTransform
{
    /// <inheritdoc/>
    public override ValueTask ApplyAsync(ResponseTransformContext context)
    {
        var headers = context.HttpContext.Response.Headers;
        if (context.ProxyResponse is { } answer)
        {
            foreach (var (name, _) in answer.Headers.NonValidated)
                if (ClientHeaders.IsInternal(name))
                    headers.Remove(name);
            headers.Remove(HeaderNames.Server);
        }
        return ValueTask.CompletedTask;
    }
}
