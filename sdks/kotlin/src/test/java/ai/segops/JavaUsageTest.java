package ai.segops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** The library as Java code sees it. */
class JavaUsageTest {
    private static final class AcceptsOne implements Transport {
        final List<TransportRequest> requests = new CopyOnWriteArrayList<>();

        @Override
        public TransportResponse send(TransportRequest request) {
            requests.add(request);
            byte[] body = "{\"accepted\":1,\"rejected\":0}".getBytes();
            return new TransportResponse(202, Collections.<String, String>emptyMap(), body);
        }
    }

    @Test
    void track_fromJava_isDelivered() throws Exception {
        AcceptsOne transport = new AcceptsOne();
        SegOpsOptions options =
                SegOpsClient.builder("https://api.segops.ai", "sk_test_1")
                        .flushAt(50)
                        .transport(transport)
                        .onDrop(drop -> System.err.println(drop.getReason().getCode()))
                        .onError(error -> System.err.println(error.getKind()))
                        .onWarning(warning -> System.err.println(warning.getCode()))
                        .logger((level, message) -> System.err.println(message))
                        .build();
        try (SegOpsClient client = new SegOpsClient(options)) {
            assertNotNull(client.track("user-1", "order_placed", Collections.singletonMap("total", 89.95)));
            CompletableFuture<FlushResult> flush = client.flushAsync();
            assertEquals(1, flush.get().getAccepted());
            assertNotNull(client.track("user-1", "order_placed"));
            assertEquals(1, client.flushAsync(10_000).get().getAccepted());
            assertNotNull(client.identify("user-1", Collections.singletonMap("plan", "pro"), Instant.now()));
            assertEquals(1, client.shutdownAsync().get().getAccepted());
            assertEquals(3, client.stats().getAccepted());
        }
        assertEquals(3, transport.requests.size());
    }

    @Test
    void constructor_wrongUrl_throws() {
        assertThrows(IllegalArgumentException.class, () -> new SegOpsClient("nowhere", "sk_test_1"));
    }
}
