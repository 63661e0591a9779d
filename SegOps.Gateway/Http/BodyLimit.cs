using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.ServiceDefaults.Http;

namespace SegOps.Gateway.Http;

/// <summary>
/// Answers 413 <c>body_too_large</c> to bodies over <see cref="ServerOptions.MaxBodyBytes"/>, and 408 <c>request_timeout</c> to bodies that pause
/// for longer than <see cref="ServerOptions.BodyIdleTimeout"/>.
/// </summary>
internal static class BodyLimit
{
    /// <summary>A body of this size holds little memory while it pauses. Kestrel's minimum rate ends it.</summary>
    private const int SmallBody = 16 * 1024;

    /// <summary>Refuses a declared length over the limit at once. Counts the bytes of a body without a declared length.</summary>
    internal static IApplicationBuilder UseBodyLimit(this IApplicationBuilder app)
    {
        var options = app.ApplicationServices.GetRequiredService<IOptions<ServerOptions>>().Value;
        return app.Use(async (context, next) =>
        {
            if (context.Request.ContentLength > options.MaxBodyBytes)
            {
                await Problems.WriteAsync(context, ErrorCodes.BodyTooLarge, TooLarge(options.MaxBodyBytes));
            }
            else if (context.Request.ContentLength <= SmallBody)
            {
                await next(context);
            }
            else
            {
                await using var body = new GuardedBody(context.Request.Body, options);
                context.Request.Body = body;
                await next(context);
            }
        });
    }

    private static string TooLarge(long limit) => $"The body must not exceed {limit} bytes as sent. Split the batch.";

    /// <summary>A request body that fails with 413 beyond its limit, and with 408 after a pause.</summary>
    private sealed class GuardedBody(Stream body, ServerOptions options) : Stream
    {
        private CancellationTokenSource? _pause;
        private long _read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            // Kestrel's minimum rate is an average, so a body that began fast could pause for hours with what it holds.
            if (_read > SmallBody)
            {
                _pause ??= CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                _pause.CancelAfter(options.BodyIdleTimeout);
            }

            int read;
            try
            {
                read = await body.ReadAsync(buffer, _pause?.Token ?? cancellationToken);
            }
            catch (OperationCanceledException) when (_pause is { IsCancellationRequested: true } && !cancellationToken.IsCancellationRequested)
            {
                throw new BadHttpRequestException("No more of the body arrived in time. Send it again.", StatusCodes.Status408RequestTimeout);
            }

            _pause?.CancelAfter(Timeout.InfiniteTimeSpan); // Until the next read, the service makes the client wait.
            _read += read;
            return _read <= options.MaxBodyBytes
                ? read
                : throw new BadHttpRequestException(TooLarge(options.MaxBodyBytes), StatusCodes.Status413PayloadTooLarge);
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

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _pause?.Dispose();
            base.Dispose(disposing);
        }
    }
}
