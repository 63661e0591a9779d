import XCTest

@testable import SegOps

final class OptionsTests: XCTestCase {
    private func problems(
        _ url: String = "https://api.segops.ai", key: String = "pk_live_1", _ change: (inout SegOpsOptions) -> Void = { _ in }
    ) -> [String] {
        var options = SegOpsOptions()
        change(&options)
        return options.problems(apiURL: url, apiKey: key)
    }

    func testProblems_Defaults_AreNone() {
        XCTAssertEqual(problems(), [])
        XCTAssertEqual(problems(key: "sk_live_1"), [])
    }

    func testProblems_PlainHTTP_IsForThisMachineOnly() {
        for url in ["http://localhost:8080", "http://127.0.0.1", "http://127.1.2.3:1", "http://[::1]:8080", "HTTP://LOCALHOST"] {
            XCTAssertEqual(problems(url), [], url)
        }
        for url in ["http://api.segops.ai", "http://127.example.com", "http://10.0.0.1", "ftp://localhost", "localhost:8080", ""] {
            XCTAssertEqual(problems(url).count, 1, url)
        }
        XCTAssertEqual(problems("http://10.0.0.1") { $0.allowsInsecureHTTP = true }, [])
    }

    func testProblems_SeveralFaults_AreAllNamed() {
        let found = problems("nowhere", key: "a b") {
            $0.flushAt = 501
            $0.maxBatchBytes = 0
            $0.maxQueueEvents = 0
            $0.requestTimeout = .zero
            $0.shutdownTimeout = .seconds(-1)
        }

        XCTAssertEqual(found.count, 7, "\(found)")
    }

    func testInit_WrongOptions_ThrowsWithTheReason() {
        XCTAssertThrowsError(try SegOpsClient(apiURL: "http://example.com", apiKey: "pk_live_1")) { error in
            XCTAssertTrue("\(error)".contains("https"), "\(error)")
        }
    }
}
