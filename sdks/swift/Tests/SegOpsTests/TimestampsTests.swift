import XCTest

@testable import SegOps

final class TimestampsTests: XCTestCase {
    private func text(_ milliseconds: Int64) -> String {
        var bytes: [UInt8] = []
        Timestamps.append(unixMilliseconds: milliseconds, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    func testAppend_KnownTimes_AreISO8601() {
        XCTAssertEqual(text(0), "1970-01-01T00:00:00.000Z")
        XCTAssertEqual(text(1_767_323_045_678), "2026-01-02T03:04:05.678Z")
        XCTAssertEqual(text(951_782_400_000), "2000-02-29T00:00:00.000Z")
        XCTAssertEqual(text(-1), "1969-12-31T23:59:59.999Z")
    }

    func testParseHTTPDate_ImfFixdate_IsItsMillisecond() {
        XCTAssertEqual(Timestamps.parseHTTPDate("Sun, 06 Nov 1994 08:49:37 GMT"), 784_111_777_000)
        XCTAssertNil(Timestamps.parseHTTPDate("soon"))
    }

    func testMilliseconds_DistantDates_AreCut() {
        XCTAssertEqual(Timestamps.milliseconds(Date(timeIntervalSince1970: 1e300)), 253_402_300_799_999)
        XCTAssertEqual(Timestamps.milliseconds(Date(timeIntervalSince1970: 1.5)), 1500)
    }
}
