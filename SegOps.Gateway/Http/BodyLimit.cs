using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Http;

namespace SegOps.Gateway.Http;

/// <summary>Answers 413 <c>body_too_large</c> to bodies over <see cref="ServerOptions.MaxBodyBytes"/>.</summary>
internal static class BodyLimit
{
    /// <summary>Refuses a declared length over the limit at once. Counts the bytes of a body without a declared length.</summary>
    internal static IApplicationBuilder UseBodyLimit(this IApplicationBuilder app)
    {
        var limit = app.ApplicationServices.GetRequiredService<IOptions<ServerOptions>>().Value.MaxBodyBytes;
        return app.Use((context, next) =>
        {
            if (context.Request.ContentLength > limit)
                return Problems.WriteAsync(context, ErrorCodes.BodyTooLarge, TooLarge(limit));
            if (context.Request.ContentLength is null)
                context.Request.Body = new LimitedBody(context.Request.Body, limit);
            return next(context);
        });
    }

    private static string TooLarge(long limit) => $"The body must not exceed {limit} bytes as sent. Split the batch.";

    /// <summary>A request body that fails with 413 after <paramref name="limit"/> bytes.</summary>
    private sealed class LimitedBody(Stream body, long limit) : Stream
    {
        private long _read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await body.ReadAsync(buffer, cancellationToken);
            _read += read;
            return _read <= limit ? read : throw new BadHttpRequestException(TooLarge(limit), StatusCodes.Status413PayloadTooLarge);
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Kestrel allows no synchronous reads.");

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
