extension SegOpsOptions {
    /// A transport as a client makes it by default, for one that wraps it. It keeps one connection open, takes no cookies, and
    /// follows no redirects.
    ///
    /// On Apple's platforms it is `URLSession`. Elsewhere it is libcurl, because FoundationNetworking ends the process when a proxy
    /// answers with half a header or with an unusual `WWW-Authenticate`.
    public static func platformTransport() -> any SegOpsTransport {
        #if canImport(Darwin)
            return URLSessionTransport()
        #else
            return CurlTransport()
        #endif
    }
}

/// What a transport reads of an answer at most. A batch of 500 rejected events has about 100 KB.
let maxResponseBytes = 4 * 1024 * 1024
