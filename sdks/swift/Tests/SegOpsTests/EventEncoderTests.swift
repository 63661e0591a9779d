import XCTest

@testable import SegOps

final class EventEncoderTests: XCTestCase {
    private static let now: Int64 = 1_767_323_045_678

    private func fault(
        userID: String = "user-1", type: String = "order_placed", occurredAt: Int64 = now, payload: Payload = .value([:])
    ) -> EventEncoder.Fault? {
        do {
            _ = try EventEncoder().encode(id: "id", userID: userID, type: type, occurredAt: occurredAt, now: Self.now, payload: payload)
            return nil
        } catch {
            return error
        }
    }

    private func nested(_ levels: Int) -> JSONValue {
        (1..<levels).reduce([:]) { value, _ in ["a": value] }
    }

    func testEncode_ValidEvent_HasFieldsInOrder() throws {
        let json = try EventEncoder().encode(
            id: "i", userID: "u\"1", type: "t", occurredAt: Self.now, now: Self.now, payload: .value(["a": 1]))

        XCTAssertEqual(
            String(decoding: json, as: UTF8.self),
            #"{"event_id":"i","user_id":"u\"1","event_type":"t","occurred_at":"2026-01-02T03:04:05.678Z","payload":{"a":1}}"#)
    }

    func testEncode_UserID_IsLimitedTo256Scalars() {
        XCTAssertNil(fault(userID: String(repeating: "😀", count: 256)))
        XCTAssertEqual(fault(userID: String(repeating: "😀", count: 257))?.code, "too_long")
        XCTAssertEqual(fault(userID: "")?.code, "empty")
    }

    func testEncode_EventType_IsLimitedTo128ScalarsWithoutControls() {
        XCTAssertNil(fault(type: String(repeating: "é", count: 128)))
        XCTAssertEqual(fault(type: String(repeating: "é", count: 129))?.code, "too_long")
        XCTAssertEqual(fault(type: "")?.code, "empty")
        XCTAssertEqual(fault(type: "a\u{85}b")?.code, "invalid_characters")
        XCTAssertEqual(fault(type: "a\nb")?.code, "invalid_characters")
    }

    func testEncode_Payload_IsLimitedTo32768Bytes() {
        // {"a":""} has 8 bytes.
        let largest: JSONValue = ["a": .string(String(repeating: "é", count: 16_380))]
        let tooLarge: JSONValue = ["a": .string(String(repeating: "é", count: 16_380) + "x")]

        for wrap in [Payload.value, { Payload.encodable($0) }] {
            XCTAssertNil(fault(payload: wrap(largest)))
            XCTAssertEqual(fault(payload: wrap(tooLarge))?.reason, .tooLarge)
        }
    }

    func testEncode_Payload_IsLimitedTo10Levels() {
        for wrap in [Payload.value, { Payload.encodable($0) }] {
            XCTAssertNil(fault(payload: wrap(nested(10))))
            XCTAssertEqual(fault(payload: wrap(nested(11)))?.code, "payload_too_deep")
        }
        XCTAssertEqual(fault(payload: .value(nested(1_000)))?.code, "payload_too_deep")
    }

    func testEncode_BracketsInStrings_AreNoLevels() {
        XCTAssertNil(fault(payload: .encodable(["a": "[[[[[[[[[[[[\\\"{{{{{{{"])))
    }

    func testEncode_PayloadThatIsNoObject_IsInvalid() {
        XCTAssertEqual(fault(payload: .value([1]))?.code, "wrong_type")
        XCTAssertEqual(fault(payload: .encodable([1]))?.code, "wrong_type")
        XCTAssertEqual(fault(payload: .value("text"))?.code, "wrong_type")
    }

    func testEncode_PayloadThatThrows_IsInvalid() {
        struct Throwing: Encodable {
            struct Refused: Error {}
            func encode(to encoder: any Encoder) throws { throw Refused() }
        }

        XCTAssertEqual(fault(payload: .encodable(Throwing()))?.code, "not_encodable")
        XCTAssertEqual(fault(payload: .value(["a": .number(.nan)]))?.code, "not_encodable")
        XCTAssertEqual(fault(payload: .encodable(["a": Double.nan]))?.code, "not_encodable")
    }

    func testEncode_OccurredAt_IsWithinTheWindow() {
        XCTAssertNil(fault(occurredAt: Self.now + 86_400_000))
        XCTAssertEqual(fault(occurredAt: Self.now + 86_400_001)?.code, "timestamp_in_future")
        XCTAssertNil(fault(occurredAt: 946_684_800_000))
        XCTAssertEqual(fault(occurredAt: 946_684_799_999)?.code, "timestamp_too_old")
    }

    func testIsSnakeCase_ValidAndInvalidForms_AreToldApart() {
        for type in ["a", "order_placed", "a1_2"] { XCTAssertTrue(EventEncoder.isSnakeCase(type), type) }
        for type in ["", "_a", "a_", "a__b", "1a", "OrderPlaced", "a-b", "é"] { XCTAssertFalse(EventEncoder.isSnakeCase(type), type) }
    }
}
