import XCTest

@testable import SegOps

final class JSONWriterTests: XCTestCase {
    private func text(_ value: JSONValue, levels: Int = 10) throws -> String {
        var bytes: [UInt8] = []
        try JSONWriter.append(value, levels: levels, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    func testAppend_EachKindOfValue_IsCompactJSON() throws {
        XCTAssertEqual(try text([nil, true, false, 1, -2.5, "a/b", [], [:]]), #"[null,true,false,1,-2.5,"a/b",[],{}]"#)
        XCTAssertEqual(try text(["a": ["b": 1e20]]), #"{"a":{"b":1e+20}}"#)
    }

    func testAppend_CharactersThatNeedEscapes_ReadBackTheSame() throws {
        let original: JSONValue = .string("\"\\\n\r\t\u{1}\u{7f}é😀\u{2028}")
        let json = try text([original])

        XCTAssertEqual(try JSONDecoder().decode([JSONValue].self, from: Data(json.utf8)), [original])
        XCTAssertTrue(json.contains(#"\u0001"#))
    }

    func testAppend_NotFinite_Throws() {
        XCTAssertThrowsError(try text(.number(.nan)))
        XCTAssertThrowsError(try text(.number(.infinity)))
    }

    func testAppend_MoreLevelsThanAllowed_Throws() throws {
        XCTAssertEqual(try text([["a": []]], levels: 3), #"[{"a":[]}]"#)
        XCTAssertThrowsError(try text([["a": []]], levels: 2))
    }

    func testJSONValue_EncodedAndDecoded_IsEqual() throws {
        let value: JSONValue = ["a": [1, 2.5, "x", nil, true], "b": .object(["c": .integer(.max)])]

        XCTAssertEqual(try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value)), value)
    }

    func testJSONValue_FromSwiftValues_KeepsThem() {
        XCTAssertEqual(JSONValue(UInt64.max), .number(18_446_744_073_709_551_616))
        XCTAssertEqual(JSONValue(7), .integer(7))
        XCTAssertEqual(JSONValue(Float(0.5)), .number(0.5))
        XCTAssertEqual("\(1) of \(2)" as JSONValue, .string("1 of 2"))
    }
}
