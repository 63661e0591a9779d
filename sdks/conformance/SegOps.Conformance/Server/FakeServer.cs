using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace SegOps.Conformance.Server;

/// <summary>
/// Plays the gateway on a socket of its own, so that it can also hang, reset and break off. It gives the answers of <c>Next</c> first, and
/// those of <see cref="Otherwise"/> after them.
/// </summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly ConcurrentQueue<Func<Received, Answer>> _next = new();
    private readonly List<Received> _requests = [];
    private readonly List<string> _faults = [];
    private readonly InFlight _inFlight = new();
    private readonly ConcurrentBag<Task> _tasks = [];
    private CancellationTokenSource _open = new();
    private TcpListener _listener;
    private int _resetAfter = int.MaxValue;

    public FakeServer()
    {
        _listener = new(IPAddress.Loopback, 0);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _tasks.Add(ListenAsync(_listener, _open.Token));
    }

    public int Port { get; }

    public string Url => $"http://127.0.0.1:{Port}";

    /// <summary>What is answered after the answers of <c>Next</c>.</summary>
    public Func<Received, Answer> Otherwise { get; set; } = Answers.Accept;

    /// <summary>The requests that have arrived whole, in their order.</summary>
    public IReadOnlyList<Received> Requests
    {
        get
        {
            lock (_requests)
                return [.. _requests];
        }
    }

    /// <summary>The ids of all events that the client with this key may count as accepted.</summary>
    public IEnumerable<string> AcceptedOf(string key) =>
        Requests.Where(request => request.Head["Authorization"] == "ApiKey " + key).SelectMany(request => request.Accepted);

    /// <summary>What a client did that no client may do.</summary>
    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (_faults)
                return [.. _faults, .. _inFlight.Faults];
        }
    }

    /// <summary>Answers the next requests so, one after the other.</summary>
    public void Next(params IEnumerable<Func<Received, Answer>> answers)
    {
        foreach (var answer in answers)
            _next.Enqueue(answer);
    }

    /// <summary>Answers the next requests so, whatever they hold.</summary>
    public void Next(params IEnumerable<Answer> answers) => Next(answers.Select(answer => (Func<Received, Answer>)(_ => answer)));

    /// <summary>Resets the connection of the next request after this many bytes of its body.</summary>
    public void ResetNextAfter(int bytes) => _resetAfter = bytes;

    /// <summary>Closes the connections and refuses new ones until <see cref="Listen"/>.</summary>
    public void Refuse()
    {
        _listener.Stop();
        _open.Cancel();
    }

    /// <summary>Listens again, at the same port.</summary>
    public void Listen()
    {
        (_listener, _open) = (new(IPAddress.Loopback, Port), new());
        _listener.Start();
        _tasks.Add(ListenAsync(_listener, _open.Token));
    }

    public async ValueTask DisposeAsync()
    {
        Refuse();
        await Task.WhenAll(_tasks);
    }

    private async Task ListenAsync(TcpListener listener, CancellationToken closed)
    {
        try
        {
            for (; ; )
                _tasks.Add(ServeAsync(await listener.AcceptSocketAsync(closed), closed));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It is stopped.
        }
    }

    private async Task ServeAsync(Socket socket, CancellationToken closed)
    {
        using (socket)
        {
            try
            {
                socket.NoDelay = true;
                var reader = new HttpReader(socket);
                while (await reader.HeadAsync(closed) is { } head && await AnswerAsync(socket, reader, head, closed))
                {
                    // The connection serves the next request.
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or EndOfStreamException)
            {
                // The client or the scenario has ended it.
            }
            catch (Exception exception) when (exception is InvalidDataException or FormatException or ArgumentOutOfRangeException)
            {
                lock (_faults)
                    _faults.Add($"What was sent is not HTTP: {exception.Message}");
            }
        }
    }

    /// <returns>Whether the connection can be used again.</returns>
    private async Task<bool> AnswerAsync(Socket socket, HttpReader reader, RequestHead head, CancellationToken closed)
    {
        var headAt = Stopwatch.GetTimestamp();
        var turn = await _inFlight.BeginAsync(head["Authorization"] ?? "");
        Received? request = null;
        try
        {
            var limit = Interlocked.Exchange(ref _resetAfter, int.MaxValue);
            var wire = await reader.BodyAsync(head, limit, closed);
            if (limit != int.MaxValue)
            {
                Reset(socket);
                return false;
            }

            request = new Received(head, wire, headAt);
            lock (_requests)
                _requests.Add(request);
            request.Answer = request.Fault is not null
                ? Answers.Problem(400, "malformed_json")
                : _next.TryDequeue(out var answer) ? answer(request) : Otherwise(request);
            return await GiveAsync(socket, request, request.Answer, turn, closed);
        }
        finally
        {
            End(request, turn, isAnswered: false);
        }
    }

    private static async Task<bool> GiveAsync(Socket socket, Received request, Answer answer, InFlight.Turn turn, CancellationToken closed)
    {
        switch (answer)
        {
            case HttpAnswer http:
                // The client can send the next request before this method goes on after the last byte.
                request.Accepted = http.Accepted;
                End(request, turn, isAnswered: true);
                await socket.SendAsync(http.Bytes(), closed);
                return true;
            case Held held:
                return await ClosesBeforeAsync(socket, held.Until, closed) is false && await GiveAsync(socket, request, held.Then, turn, closed);
            case BrokenOff broken:
                await socket.SendAsync(broken.Whole.Bytes().AsMemory(0, Math.Min(broken.Bytes, broken.Whole.Bytes().Length)), closed);
                if (broken.Resets)
                    Reset(socket);
                return false;
            default:
                await ClosesBeforeAsync(socket, Task.Delay(Timeout.Infinite, closed), closed);
                return false;
        }
    }

    /// <returns>Whether the client closes the connection before the task ends.</returns>
    private static async Task<bool> ClosesBeforeAsync(Socket socket, Task task, CancellationToken closed)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(closed);
        var closing = socket.ReceiveAsync(new byte[1], SocketFlags.Peek, enough.Token).AsTask();
        var first = await Task.WhenAny(closing, task);
        await enough.CancelAsync();
        if (first == task)
            return false;
        return await closing == 0 ? true : throw new InvalidDataException("A request was sent before the last one was answered.");
    }

    private static void End(Received? request, InFlight.Turn turn, bool isAnswered)
    {
        if (request is { EndedAt: 0 })
            request.EndedAt = Stopwatch.GetTimestamp();
        turn.End(isAnswered);
    }

    private static void Reset(Socket socket)
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }
}
