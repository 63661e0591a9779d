import XCTest

@testable import SegOps

final class AnswerTests: XCTestCase {
    private func verdict(_ response: SegOpsResponse, count: Int = 2, now: Int64 = 0) -> Verdict {
        Verdict(response, batchCount: count, isCompressed: true, now: now)
    }

    private func name(_ response: SegOpsResponse, count: Int = 2) -> String {
        String("\(verdict(response, count: count).answer)".prefix { $0 != "(" })
    }

    func testInit_202WithMatchingCounts_IsDecided() {
        XCTAssertEqual(name(.accepted(2)), "decided")
        XCTAssertEqual(name(.json(202, #"{"accepted":1,"rejected":1,"errors":[{"index":1,"code":"required"}]}"#)), "decided")
    }

    func testInit_AnyOtherSuccess_IsTransient() {
        XCTAssertEqual(name(.accepted(1)), "transient")
        XCTAssertEqual(name(.json(202, #"{"accepted":1,"rejected":1,"errors":[]}"#)), "transient")
        XCTAssertEqual(name(.json(202, #"{"accepted":3,"rejected":-1}"#)), "transient")
        XCTAssertEqual(name(.json(202, #"{"accepted":2"#)), "transient")
        XCTAssertEqual(name(.json(200, "<html>Sign in</html>")), "transient")
        XCTAssertEqual(name(.json(200, #"{"accepted":2,"rejected":0}"#)), "transient")
        XCTAssertEqual(name(SegOpsResponse(status: 204)), "transient")
    }

    func testInit_StatusesAndCodes_HaveTheirMeaning() {
        for status in [500, 502, 503, 504, 408] { XCTAssertEqual(name(.problem(status, "x")), "transient") }
        for status in [401, 403, 404, 405, 301, 302, 307] { XCTAssertEqual(name(.problem(status, "x")), "configuration") }
        for code in ["batch_too_large", "malformed_json", "other"] { XCTAssertEqual(name(.problem(400, code)), "refused") }
        XCTAssertEqual(name(.problem(418, "x")), "refused")
        XCTAssertEqual(name(.problem(413, "body_too_large")), "refused")
        XCTAssertEqual(name(.problem(400, "bad_request")), "badRequest")
        XCTAssertEqual(name(.problem(429, "rate_limited")), "transient")
        XCTAssertEqual(name(.problem(429, "too_many_failures")), "transient")
        XCTAssertEqual(name(.json(429, #"{"code":"quota_exceeded","remaining":7}"#)), "quotaExceeded")
        XCTAssertEqual(name(.problem(415, "unsupported_media_type")), "unsupportedEncoding")
    }

    func testInit_ValidationFailed_NamesTheEvents() {
        let body = #"{"code":"validation_failed","errors":[{"index":0,"code":"a"},{"index":0,"code":"b"},{"index":9},{"index":-1}]}"#
        guard case .invalid(let rejections) = verdict(.json(400, body)).answer else { return XCTFail("not invalid") }

        XCTAssertEqual(Array(rejections.keys), [0])
        XCTAssertEqual(rejections[0]?.code, "a")
        XCTAssertEqual(name(.problem(400, "validation_failed")), "refused")
    }

    func testInit_RetryAfter_IsSecondsOrADate() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT"
        XCTAssertEqual(verdict(.problem(503, "x", ["Retry-After": "2"])).pause, 2000)
        XCTAssertEqual(verdict(.problem(503, "x", ["Retry-After": date]), now: 784_111_770_000).pause, 7000)
        XCTAssertEqual(
            verdict(.problem(503, "x", ["Retry-After": date, "Date": "Sun, 06 Nov 1994 08:49:30 GMT"]), now: 0).pause, 7000)
        XCTAssertNil(verdict(.problem(503, "x", ["Retry-After": "soon"])).pause)
        XCTAssertNil(verdict(.json(429, #"{"code":"quota_exceeded"}"#, ["Retry-After": "86400"])).pause)
    }

    func testInit_RateLimit_PausesForUsedUpWindowsOfCalls() {
        XCTAssertEqual(verdict(.accepted(2, headers: ["RateLimit": #""minute";r=0;t=3, "month";r=0;t=551957"#])).pause, 3000)
        XCTAssertEqual(verdict(.accepted(2, headers: ["RateLimit": #""address";r=0;t=3, "key";r=0;t=9"#])).pause, 9000)
        XCTAssertNil(verdict(.accepted(2, headers: ["RateLimit": #""minute";r=10;t=3"#])).pause)
        XCTAssertNil(verdict(.accepted(2)).pause)
    }
}
