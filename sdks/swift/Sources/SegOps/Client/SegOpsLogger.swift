import Foundation

#if canImport(os)
    import os
#endif

/// Where a client writes its log: ids, counts and codes, and never what an event holds or the key.
///
/// A reason is written at most once a minute.
public struct SegOpsLogger: Sendable {
    public enum Level: String, Sendable {
        case debug, info, warning, error
    }

    let write: @Sendable (Level, String) throws -> Void

    /// A logger that calls `write`. Errors that it throws are ignored.
    public init(_ write: @escaping @Sendable (_ level: Level, _ message: String) throws -> Void) {
        self.write = write
    }

    /// Writes nothing.
    public static let none = SegOpsLogger { _, _ in }

    /// On Apple's platforms the unified log, subsystem `ai.segops.sdk`. Elsewhere standard error, warnings and errors only.
    public static let system: SegOpsLogger = {
        #if canImport(os)
            let logger = Logger(subsystem: "ai.segops.sdk", category: "client")
            return SegOpsLogger { level, message in
                switch level {
                case .debug: logger.debug("\(message, privacy: .private)")
                case .info: logger.info("\(message, privacy: .private)")
                case .warning: logger.warning("\(message, privacy: .private)")
                case .error: logger.error("\(message, privacy: .private)")
                }
            }
        #else
            return SegOpsLogger { level, message in
                guard level == .warning || level == .error else { return }
                FileHandle.standardError.write(Data("segops \(level.rawValue): \(message)\n".utf8))
            }
        #endif
    }()
}
