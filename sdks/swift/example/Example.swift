import Foundation
import SegOps

/// Sends a few events to a SegOps that runs on this machine, and says what became of them.
///
/// `swift run Example [URL [KEY]]`
@main
enum Example {
    struct Order: Encodable {
        let orderID: String
        let total: Double
        let currency: String

        enum CodingKeys: String, CodingKey {
            case orderID = "order_id"
            case total, currency
        }
    }

    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        var options = SegOpsOptions()
        options.onDrop = { print("dropped \($0.eventID): \($0.reason.rawValue) \($0.code ?? "")") }
        options.onError = { print("error: \($0.message)") }
        let segops = try SegOpsClient(
            apiURL: arguments.first ?? "http://localhost:8080",
            apiKey: arguments.dropFirst().first ?? "pk_live_DemoPublishable000000000000000002NyLFs",
            options: options)

        segops.identify(userID: "user-123", traits: ["plan": "starter", "country": "US"])
        segops.track(userID: "user-123", eventType: "page_viewed", payload: ["path": "/pricing"])
        let order = Order(orderID: "ord-456", total: 89.95, currency: "USD")
        let id = segops.track(userID: "user-123", eventType: "order_placed", payload: order)
        print("tracked \(id)")

        let result = await segops.shutdown()
        print("accepted \(result.accepted), rejected \(result.rejected), dropped \(result.dropped), remaining \(result.remaining)")
    }
}
