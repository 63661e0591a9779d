#if !canImport(Darwin)
    import CCurl
    import Dispatch
    import Foundation

    /// Sends with libcurl, one request at a time, on a queue of its own.
    final class CurlTransport: SegOpsTransport {
        struct Failure: Error {
            /// As libcurl numbers them. 42: cancelled.
            let code: Int
        }

        private let queue = DispatchQueue(label: "ai.segops.curl")
        private let connection = Connection()

        func send(_ request: SegOpsRequest) async throws -> SegOpsResponse {
            let isCancelled = Locked(false)
            return try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    queue.async { [connection] in
                        continuation.resume(with: Result { try connection.perform(request) { isCancelled.withLock { $0 } } })
                    }
                }
            } onCancel: {
                isCancelled.withLock { $0 = true }
                connection.wake()
            }
        }
    }

    /// The handles of libcurl. All but ``wake()`` is called on one queue only.
    private final class Connection: @unchecked Sendable {
        private static let isInitialized = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

        private let multi: UnsafeMutableRawPointer?
        private let easy: UnsafeMutableRawPointer?

        init() {
            let isInitialized = Self.isInitialized
            multi = isInitialized ? curl_multi_init() : nil
            easy = isInitialized ? curl_easy_init() : nil
        }

        deinit {
            if let easy { curl_easy_cleanup(easy) }
            if let multi { curl_multi_cleanup(multi) }
        }

        /// Lets ``perform(_:isCancelled:)`` look at `isCancelled` at once.
        func wake() {
            if let multi { curl_multi_wakeup(multi) }
        }

        func perform(_ request: SegOpsRequest, isCancelled: () -> Bool) throws -> SegOpsResponse {
            guard let easy, let multi else { throw CurlTransport.Failure(code: Int(CURLE_FAILED_INIT.rawValue)) }
            // An empty Expect keeps libcurl from waiting for 100 Continue before a large body.
            var headers = curl_slist_append(nil, "Expect:")
            for (name, value) in request.headers { headers = curl_slist_append(headers, "\(name): \(value)") }
            defer { curl_slist_free_all(headers) }

            let answer = Unmanaged.passRetained(RawAnswer())
            defer { answer.release() }
            let code = request.body.withUnsafeBytes { body -> Int in
                // Keeps the connections.
                curl_easy_reset(easy)
                segops_curl_set_pointer(easy, CURLOPT_POSTFIELDS, body.baseAddress)
                segops_curl_set_long(easy, CURLOPT_POSTFIELDSIZE, body.count)
                segops_curl_set_long(easy, CURLOPT_POST, 1)
                segops_curl_set_pointer(easy, CURLOPT_HTTPHEADER, headers)
                segops_curl_set_long(easy, CURLOPT_NOSIGNAL, 1)
                segops_curl_set_long(easy, CURLOPT_TIMEOUT_MS, Int(request.timeout.milliseconds))
                segops_curl_set_write(easy, CURLOPT_WRITEFUNCTION, appendBody)
                segops_curl_set_pointer(easy, CURLOPT_WRITEDATA, answer.toOpaque())
                segops_curl_set_write(easy, CURLOPT_HEADERFUNCTION, appendHeader)
                segops_curl_set_pointer(easy, CURLOPT_HEADERDATA, answer.toOpaque())
                request.url.absoluteString.withCString { _ = segops_curl_set_pointer(easy, CURLOPT_URL, $0) }
                return transfer(easy, multi, isCancelled)
            }
            let raw = answer.takeUnretainedValue()
            // libcurl takes half a header for an answer of HTTP/0.9, which has no status.
            let status = Int(segops_curl_status(easy))
            guard code == CURLE_OK.rawValue, status >= 200, raw.isHeadComplete else { throw CurlTransport.Failure(code: code) }
            return SegOpsResponse(status: status, headers: raw.headers, body: raw.body)
        }

        private func transfer(_ easy: UnsafeMutableRawPointer, _ multi: UnsafeMutableRawPointer, _ isCancelled: () -> Bool) -> Int {
            curl_multi_add_handle(multi, easy)
            defer { curl_multi_remove_handle(multi, easy) }
            var running: Int32 = 1
            while running > 0 {
                if isCancelled() { return Int(CURLE_ABORTED_BY_CALLBACK.rawValue) }
                guard curl_multi_perform(multi, &running) == CURLM_OK else { return Int(CURLE_FAILED_INIT.rawValue) }
                if running > 0 { curl_multi_poll(multi, nil, 0, 1000, nil) }
            }
            return Int(segops_curl_result(multi))
        }
    }

    /// An answer as it arrives.
    private final class RawAnswer {
        var headers: [String: String] = [:]
        var isHeadComplete = false
        var body = Data()

        func addHeader(_ line: String) {
            if line.hasPrefix("HTTP/") {
                // Also after an interim answer, whose headers do not count.
                headers = [:]
                isHeadComplete = false
            } else if line.allSatisfy(\.isWhitespace) {
                isHeadComplete = true
            } else if let colon = line.firstIndex(of: ":") {
                headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespacesAndNewlines)
            }
        }
    }

    private let appendHeader: segops_curl_write = { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let line = String(decoding: UnsafeRawBufferPointer(start: bytes, count: size * count), as: UTF8.self)
        Unmanaged<RawAnswer>.fromOpaque(context).takeUnretainedValue().addHeader(line)
        return size * count
    }

    /// Returns less than it was given to end the transfer.
    private let appendBody: segops_curl_write = { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let answer = Unmanaged<RawAnswer>.fromOpaque(context).takeUnretainedValue()
        guard answer.body.count + size * count <= maxResponseBytes else { return 0 }
        answer.body.append(UnsafeRawPointer(bytes).assumingMemoryBound(to: UInt8.self), count: size * count)
        return size * count
    }
#endif
