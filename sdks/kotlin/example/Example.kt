package example

import ai.segops.SegOpsClient
import kotlinx.coroutines.runBlocking

/**
 * Tracks an order and sets traits of its user. `SEGOPS_API_URL` and `SEGOPS_API_KEY` say where; the default is the app host of this
 * repository with its demo key.
 */
fun main() {
    val apiUrl = System.getenv("SEGOPS_API_URL") ?: "http://localhost:8080"
    val apiKey = System.getenv("SEGOPS_API_KEY") ?: "pk_live_DemoPublishable000000000000000002NyLFs"
    val segops = SegOpsClient(apiUrl, apiKey) {
        onDrop { println("Not delivered: ${it.eventId}, ${it.reason.code}, ${it.message}") }
        onError { println("Needs attention: ${it.message}") }
        onWarning { println("Warning: ${it.eventId}, ${it.message}") }
    }
    val order = segops.track("user-123", "order_placed", mapOf("order_id" to "ord-456", "total" to 89.95, "currency" to "USD"))
    segops.identify("user-123", mapOf("plan" to "starter", "company" to "Acme Corp", "country" to "US"))
    println("The id of the order's event is $order.")
    println(runBlocking { segops.shutdown() })
}
