import XCTest

@testable import SegOps

/// The transports and the client over real sockets.
final class TransportTests: XCTestCase {
    private static func answer(_ status: String, _ body: String, _ headers: String = "") -> String {
        "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)"
    }

    private func transports() -> [any SegOpsTransport] {
        #if SEGOPS_URLSESSION
            return [SegOpsOptions.platformTransport(), URLSessionTransport()]
        #else
            return [SegOpsOptions.platformTransport()]
        #endif
    }

    func testSend_AnyStatus_GivesHeadersAndBody() async throws {
        for transport in transports() {
            for status in ["202 Accepted", "400 Bad Request", "503 Service Unavailable"] {
                let server = try LoopbackServer { _ in Self.answer(status, #"{"a":1}"#, "Retry-After: 7\r\n") }
                let response = try await post(server, transport)
                server.stop()

                XCTAssertEqual("\(response.status)", String(status.prefix(3)))
                XCTAssertEqual(response.headers["retry-after"], "7")
                XCTAssertEqual(String(decoding: response.body, as: UTF8.self), #"{"a":1}"#)
                XCTAssertTrue(server.received.value[0].hasPrefix("POST /path/ HTTP/1.1\r\n"))
                XCTAssertTrue(server.received.value[0].contains("Authorization: ApiKey k\r\n"))
                XCTAssertTrue(server.received.value[0].hasSuffix("\r\n\r\n{}"))
            }
        }
    }

    func testSend_UnauthorizedOrRedirectOrNoContent_GivesTheStatus() async throws {
        for transport in transports() {
            for (status, headers) in [
                ("401 Unauthorized", "WWW-Authenticate: ApiKey realm=\"SegOps\"\r\n"), ("302 Found", "Location: /elsewhere\r\n"),
                ("204 No Content", ""),
            ] {
                let server = try LoopbackServer { _ in Self.answer(status, "", headers) }
                let response = try await post(server, transport)
                server.stop()

                XCTAssertEqual("\(response.status)", String(status.prefix(3)))
                XCTAssertEqual(server.received.value.count, 1)
            }
        }
    }

    func testSend_ConnectionClosedOrBodyCutOff_Throws() async throws {
        for transport in transports() {
            for answer in [nil, "HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{"] {
                await assertThrows(transport) { answer }
            }
        }
    }

    // URLSession on Linux ends the process on both of these.

    func testSend_HeadCutOff_Throws() async throws {
        for head in ["HTTP/1.1 202 Acc", "HTTP/1.1 202 Accepted\r\nConnection: close\r\n", "H", "garbage\r\n\r\n"] {
            await assertThrows(SegOpsOptions.platformTransport()) { head + "\0Connection: close" }
        }
    }

    func testSend_SchemeWithoutParameters_GivesTheStatus() async throws {
        let server = try LoopbackServer { _ in Self.answer("401 Unauthorized", "{}", "WWW-Authenticate: ApiKey\r\n") }
        let response = try await post(server, SegOpsOptions.platformTransport())
        server.stop()

        XCTAssertEqual(response.status, 401)
        XCTAssertEqual(String(decoding: response.body, as: UTF8.self), "{}")
    }

    func testSend_CancelledWhileTheServerHangs_Throws() async throws {
        for transport in transports() {
            let server = try LoopbackServer { _ in "HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\n" }
            let sending = Task { try await post(server, transport) }
            await server.received.wait("the request") { $0.count == 1 }
            sending.cancel()

            let result = await sending.result
            XCTAssertThrowsError(try result.get())
            server.stop()
        }
    }

    func testSend_AfterACancelledRequest_Succeeds() async throws {
        for transport in transports() {
            let server = try LoopbackServer { $0 == 0 ? "" : Self.answer("202 Accepted", "{}") }
            let sending = Task { try await post(server, transport) }
            await server.received.wait("the request") { $0.count == 1 }
            sending.cancel()
            _ = await sending.result

            let response = try await post(server, transport)
            server.stop()
            XCTAssertEqual(response.status, 202)
        }
    }

    func testShutdown_RealSockets_DeliversAll() async throws {
        let server = try LoopbackServer { _ in Self.answer("202 Accepted", #"{"accepted":1,"rejected":0}"#) }
        let client = try SegOpsClient(apiURL: server.url, apiKey: "pk_test_1")
        var ids: [String] = []
        for number in 0..<3 {
            ids.append(client.track(userID: "user-1", eventType: "page_viewed", payload: ["n": .init(number)]))
            await client.flush()
        }
        let result = await client.shutdown()
        server.stop()

        XCTAssertEqual(result, SegOpsFlushResult())
        XCTAssertEqual(client.stats.accepted, 3)
        for (id, request) in zip(ids, server.received.value) { XCTAssertTrue(request.contains(id)) }
    }

    private func assertThrows(_ transport: any SegOpsTransport, _ answer: @escaping @Sendable () -> String?) async {
        guard let server = try? LoopbackServer({ _ in answer() }) else { return XCTFail("no server") }
        do {
            let response = try await post(server, transport)
            XCTFail("no error but \(response.status)")
        } catch {}
        server.stop()
    }
}

private func post(_ server: LoopbackServer, _ transport: any SegOpsTransport) async throws -> SegOpsResponse {
    let request = SegOpsRequest(
        url: try XCTUnwrap(URL(string: server.url + "/path/")), headers: ["Authorization": "ApiKey k", "X-Test": "1"],
        body: Data("{}".utf8), timeout: .seconds(20))
    return try await transport.send(request)
}
