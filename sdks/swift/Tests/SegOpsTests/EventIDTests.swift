import XCTest

@testable import SegOps

final class EventIDTests: XCTestCase {
    func testNext_AnyTime_IsVersion7OfThatMillisecond() {
        let id = EventIDGenerator().next(unixMilliseconds: 0x0198_1b3e_7c1a)

        XCTAssertTrue(id.hasPrefix("01981b3e-7c1a-7"), id)
        XCTAssertTrue("89ab".contains(Array(id)[19]), id)
        XCTAssertEqual(id, UUID(uuidString: id)?.uuidString.lowercased())
    }

    func testNext_ManyInOneMillisecond_GrowAndDiffer() {
        let generator = EventIDGenerator()
        let ids = (0..<10_000).map { _ in generator.next(unixMilliseconds: 1_767_323_045_678) }

        XCTAssertEqual(ids, ids.sorted())
        XCTAssertEqual(Set(ids).count, ids.count)
    }

    func testNext_ClockGoesBack_StillGrows() {
        let generator = EventIDGenerator()
        let first = generator.next(unixMilliseconds: 2000)

        XCTAssertLessThan(first, generator.next(unixMilliseconds: 1000))
    }

    func testIsValid_NilOrNoUUID_IsFalse() {
        XCTAssertTrue(EventIDGenerator.isValid("01981B3E-7c1a-7b1c-8f02-6d1b9f3a2c41"))
        XCTAssertFalse(EventIDGenerator.isValid("00000000-0000-0000-0000-000000000000"))
        XCTAssertFalse(EventIDGenerator.isValid("order-1"))
    }
}
