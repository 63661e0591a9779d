import Foundation

/// Makes requests of batches.
struct RequestBuilder {
    /// URLs whose server reads no gzip, for all clients of the process.
    private static let plainURLs = Locked<Set<URL>>([])

    private let url: URL
    private let headers: [String: String]
    private let timeout: Duration

    init(apiURL: URL, apiKey: String, timeout: Duration) {
        url = apiURL.appendingPathComponent("api/ingestion/track/batch/", isDirectory: true)
        headers = [
            "Authorization": "ApiKey \(apiKey)", "Content-Type": "application/json", "Accept": "application/json",
            "User-Agent": "\(SegOpsClient.sdkName)/\(SegOpsClient.sdkVersion) (Swift; \(Self.system))",
        ]
        self.timeout = timeout
    }

    /// - Parameter body: compressed if `isCompressed`.
    func request(body: [UInt8], isCompressed: Bool) -> SegOpsRequest {
        var headers = headers
        if isCompressed { headers["Content-Encoding"] = "gzip" }
        return SegOpsRequest(url: url, headers: headers, body: Data(body), timeout: timeout)
    }

    var isGzipAllowed: Bool { !Self.plainURLs.withLock { $0.contains(url) } }

    func forbidGzip() {
        Self.plainURLs.withLock { _ = $0.insert(url) }
    }

    private static var system: String {
        let version = ProcessInfo.processInfo.operatingSystemVersion
        #if os(iOS)
            let name = "iOS"
        #elseif os(tvOS)
            let name = "tvOS"
        #elseif os(watchOS)
            let name = "watchOS"
        #elseif os(visionOS)
            let name = "visionOS"
        #elseif os(macOS)
            let name = "macOS"
        #else
            let name = "Linux"
        #endif
        return "\(name) \(version.majorVersion).\(version.minorVersion)"
    }
}
