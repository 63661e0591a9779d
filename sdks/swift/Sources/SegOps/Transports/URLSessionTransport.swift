// Clients on Linux use CurlTransport. CI compiles and tests this file there, too, because it has no machine of Apple's.
#if canImport(Darwin) || SEGOPS_URLSESSION
    import Foundation

    #if canImport(FoundationNetworking)
        import FoundationNetworking
    #endif

    /// Sends with `URLSession`, over one connection, without cookies, cache and redirects.
    final class URLSessionTransport: SegOpsTransport {
        private let exchanges = URLSessionExchanges()
        private let session: URLSession

        init() {
            let configuration = URLSessionConfiguration.ephemeral
            configuration.httpShouldSetCookies = false
            configuration.httpCookieAcceptPolicy = .never
            configuration.urlCache = nil
            configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
            configuration.httpMaximumConnectionsPerHost = 1
            session = URLSession(configuration: configuration, delegate: exchanges, delegateQueue: nil)
        }

        deinit {
            // Otherwise the session keeps its delegate and its connections for ever.
            session.finishTasksAndInvalidate()
        }

        func send(_ request: SegOpsRequest) async throws -> SegOpsResponse {
            var urlRequest = URLRequest(url: request.url)
            urlRequest.httpMethod = "POST"
            urlRequest.httpBody = request.body
            urlRequest.timeoutInterval = Double(request.timeout.milliseconds) / 1000
            for (name, value) in request.headers { urlRequest.setValue(value, forHTTPHeaderField: name) }
            let task = session.dataTask(with: urlRequest)
            return try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    exchanges.begin(task, continuation)
                    task.resume()
                }
            } onCancel: {
                task.cancel()
            }
        }
    }

    /// The answers that are arriving.
    private final class URLSessionExchanges: NSObject, URLSessionDataDelegate {
        private struct Exchange {
            let continuation: CheckedContinuation<SegOpsResponse, any Error>
            var response: HTTPURLResponse?
            var body = Data()
        }

        private let exchanges = Locked<[Int: Exchange]>([:])

        func begin(_ task: URLSessionTask, _ continuation: CheckedContinuation<SegOpsResponse, any Error>) {
            exchanges.withLock { $0[task.taskIdentifier] = Exchange(continuation: continuation) }
        }

        func urlSession(
            _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
            completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
        ) {
            exchanges.withLock { $0[dataTask.taskIdentifier]?.response = response as? HTTPURLResponse }
            completionHandler(.allow)
        }

        func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
            let isTooLarge = exchanges.withLock { exchanges -> Bool in
                exchanges[dataTask.taskIdentifier]?.body.append(data)
                return (exchanges[dataTask.taskIdentifier]?.body.count ?? 0) > maxResponseBytes
            }
            if isTooLarge { dataTask.cancel() }
        }

        func urlSession(
            _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
            newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
        ) {
            exchanges.withLock { $0[task.taskIdentifier]?.response = response }
            completionHandler(nil)
        }

        func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
            guard let exchange = exchanges.withLock({ $0.removeValue(forKey: task.taskIdentifier) }) else { return }
            guard error == nil, let response = exchange.response ?? task.response as? HTTPURLResponse else {
                exchange.continuation.resume(throwing: error ?? URLError(.badServerResponse))
                return
            }
            var headers: [String: String] = [:]
            for case (let name as String, let value as String) in response.allHeaderFields { headers[name] = value }
            exchange.continuation.resume(returning: SegOpsResponse(status: response.statusCode, headers: headers, body: exchange.body))
        }
    }
#endif
