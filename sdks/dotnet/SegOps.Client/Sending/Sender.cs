namespace SegOps.Client.Sending;

/// <summary>
/// The loop that sends: one request at a time, from the first event to the end of the shutdown. No exception ends it. Events leave the
/// queue only when an answer decides on them.
/// </summary>
internal sealed class Sender(SegOpsOptions options, Clock clock, EventQueue queue, Transport transport, Reporter reporter, Pace pace) : IDisposable
{
    private const int MaxBadRequests = 3;

    private readonly BatchLimits _limits = new(options, clock);
    private readonly CancellationTokenSource _abort = new();
    private Hold? _hold;
    private int _badRequests;
    private volatile Deadline? _deadline;

    private sealed record Deadline(TimeSpan Moment);

    public async Task RunAsync()
    {
        while (true)
        {
            try
            {
                if (!await ReadyAsync().ConfigureAwait(false))
                {
                    return;
                }

                await AttemptAsync().ConfigureAwait(false);
            }
#pragma warning disable CA1031 // A fault of our own must not end the loop: the events would wait for ever, unreported.
            catch (Exception e)
#pragma warning restore CA1031
            {
                pace.Failed(TimeSpan.Zero);
                reporter.SenderThrew(e);
            }
        }
    }

    /// <summary>The loop ends when the queue is empty, at the latest at this moment, and at once if the next attempt would come after it.</summary>
    public void StopAt(TimeSpan moment) => _deadline = new Deadline(moment);

    /// <summary>Ends the request in flight and the loop.</summary>
    public void Abort()
    {
        _abort.Cancel();
        queue.Changed.Set();
    }

    public void Dispose() => _abort.Dispose();

    /// <summary>Ends when it is time for a batch: true; or when there is nothing more to do: false.</summary>
    private async Task<bool> ReadyAsync()
    {
        while (!_abort.IsCancellationRequested)
        {
            var wake = queue.Expire();
            var due = queue.DueAt();
            if (_deadline is { } deadline && (due is null || pace.NotBefore > deadline.Moment))
            {
                return false;
            }

            if (due is { } moment)
            {
                var at = moment > pace.NotBefore ? moment : pace.NotBefore;
                if (at <= clock.Now)
                {
                    return true;
                }

                wake = at < wake ? at : wake;
            }

            await queue.Changed.WaitAsync(clock, wake).ConfigureAwait(false);
        }

        return false;
    }

    private async Task AttemptAsync()
    {
        var bytes = _limits.Bytes - BatchBody.Overhead;
        var batch = _hold switch
        {
            null => queue.Take(0, _limits.Events, bytes),
            { Allowance: > 0 and var allowance } => queue.Take(0, Math.Min(allowance, _limits.Events), bytes),
            { Kind: ClientErrorKind.Configuration, Probes: var probes } => queue.Take(probes, 1, bytes),
            _ => queue.Take(0, 1, bytes),
        };
        try
        {
            if (batch.Count > 0)
            {
                var answer = await transport.SendAsync(batch, _abort.Token).ConfigureAwait(false);
                if (!_abort.IsCancellationRequested || answer.Verdict == Verdict.Decided)
                {
                    Apply(answer, batch);
                }
            }
        }
        finally
        {
            queue.Return();
        }
    }

    private void Apply(Answer answer, List<QueuedEvent> batch)
    {
        switch (answer.Verdict)
        {
            case Verdict.Decided:
                Settle(answer, batch);
                break;
            case Verdict.BadRequest when ++_badRequests < MaxBadRequests:
            case Verdict.Transient:
                Retry(answer, batch);
                break;
            case Verdict.BadRequest or Verdict.Split:
                Split(answer, batch);
                break;
            case Verdict.PlainOnly:
                transport.SendPlain();
                break;
            case Verdict.Quota:
                HoldFor(ClientErrorKind.Quota, answer, batch);
                break;
            case Verdict.Configuration:
                pace.Pause(answer.Pause);
                HoldFor(ClientErrorKind.Configuration, answer, batch);
                break;
        }
    }

    private void Settle(Answer answer, List<QueuedEvent> batch)
    {
        foreach (var finding in answer.Findings)
        {
            queue.Drop(batch[finding.Index], DropReason.Rejected, answer.Status, finding.Code, finding.Field, finding.Message);
        }

        if (answer.RestAccepted)
        {
            batch.ForEach(queued => queue.Decide(queued, Fate.Accepted));
        }

        foreach (var warning in answer.Warnings)
        {
            Warn(warning, batch);
        }

        _badRequests = 0;
        pace.Succeeded();
        pace.Pause(answer.Pause);
        _limits.Succeeded();
        EndHold();
        reporter.Sent(batch.Count, answer.Findings.Count);
    }

    private void Warn(Finding warning, List<QueuedEvent> batch)
    {
        var queued = warning.Index >= 0 && warning.Index < batch.Count ? batch[warning.Index] : null;
        if (queued is not { WarnedOfType: true } || warning.Code != EventRules.NotSnakeCase)
        {
            reporter.Warned(new EventWarning
            {
                EventId = queued?.Id,
                EventType = queued?.Type,
                Field = warning.Field,
                Code = warning.Code,
                Message = warning.Message ?? "",
            });
        }
    }

    private void Retry(Answer answer, List<QueuedEvent> batch) => reporter.Retrying(batch.Count, answer.Cause, pace.Failed(answer.Pause));

    /// <summary>Makes the next batch half as large. An event that was alone is the culprit.</summary>
    private void Split(Answer answer, List<QueuedEvent> batch)
    {
        _badRequests = 0;
        if (batch is [var culprit])
        {
            var reason = answer.Status == 413 ? DropReason.TooLarge : DropReason.Rejected;
            queue.Drop(culprit, reason, answer.Status, answer.Code, message: "The server refuses a request with this event alone.");
            EndHold();
        }
        else if (answer.Status == 413)
        {
            _limits.HalveBytes(batch.Sum(queued => queued.Json.Length + 1) + BatchBody.Overhead);
        }
        else
        {
            _limits.HalveEvents(batch.Count);
        }

        Retry(answer, batch);
    }

    /// <summary>Begins an episode, or goes on with the one that there is.</summary>
    private void HoldFor(ClientErrorKind kind, Answer answer, List<QueuedEvent> batch)
    {
        if (_hold?.Kind == kind)
        {
            _hold.ProbeFailed();
            _hold.EndAllowance();
        }
        else
        {
            _hold = new Hold(kind, batch.Count, answer.Remaining);
            reporter.Holding(new ClientError { Kind = kind, Status = answer.Status, Code = answer.Code, Message = Explain(kind) });
        }

        if (_hold.Allowance == 0)
        {
            PauseForProbe(kind);
        }
    }

    /// <summary>The server has taken a request. If that was what still fitted the quota, nothing fits now.</summary>
    private void EndHold()
    {
        switch (_hold)
        {
            case null:
                return;
            case { Allowance: > 0 }:
                _hold.EndAllowance();
                PauseForProbe(_hold.Kind);
                return;
            case { Kind: ClientErrorKind.Configuration, BatchCount: var count }:
                // If only some of the events are refused, smaller batches deliver the others.
                _limits.HalveEvents(count);
                break;
        }

        _hold = null;
        reporter.Resumed();
    }

    private void PauseForProbe(ClientErrorKind kind) =>
        pace.PauseForProbe(kind == ClientErrorKind.Quota ? options.QuotaProbeInterval : options.ConfigurationProbeInterval);

    private static string Explain(ClientErrorKind kind) => kind == ClientErrorKind.Quota
        ? "The quota of events is used up. Events are held until it opens, or the plan changes."
        : "The server, or something on the way to it, refuses every request. Check the API key and the URL. Events are held until that works.";
}
