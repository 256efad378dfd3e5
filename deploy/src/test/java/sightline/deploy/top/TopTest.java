package sightline.deploy.top;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sightline.v1.Node;
import sightline.wire.Endpoint;
import sightline.wire.Received;

/** Views of routers and metrics that are there, on real ports, and of some that are gone. */
@Timeout(60)
class TopTest {
    private static final Duration INTERVAL = Duration.ofMillis(20);
    private static final Endpoint NOBODY = new Endpoint("127.0.0.1", 1);

    private final FakeCluster cluster;
    private final StringWriter out = new StringWriter();

    TopTest() throws IOException {
        cluster = new FakeCluster();
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void everyFieldOfANodeIsShown() throws Exception {
        cluster.nodes(Node.newBuilder()
                .setName("language-2")
                .setRole("language")
                .setState("DRAINING")
                .setEndpoint("10.0.0.2:7171")
                .setModel("demo")
                .setDevice("cuda:1")
                .setDtype("bfloat16")
                .setRunning(3)
                .setWaiting(4)
                .setKvBlocksUsed(17)
                .setKvBlocksTotal(3640)
                .setStage(1)
                .setStages(2)
                .build(),
                Node.newBuilder()
                        .setName("vision-1")
                        .setRole("vision")
                        .setState("SERVING")
                        .setStoreBytesUsed(3 << 19)
                        .setStoreBytesTotal(256 << 20)
                        .build());
        assertThat(once(cluster.router())).isEmpty();
        assertThat(fieldsOf("language-2")).containsExactly("language-2", "language", "DRAINING", "10.0.0.2:7171",
                "demo", "cuda:1", "bfloat16", "3", "4", "17/3640", "-", "1/2", "-");
        assertThat(fieldsOf("vision-1")).containsExactly("vision-1", "vision", "SERVING", "-", "-", "-", "-", "0", "0",
                "-", "1.5/256.0", "-", "-");
    }

    @Test
    void ratesAreThoseOfTheMetricsOfEachNode() throws Exception {
        cluster.nodes(withMetrics("language-1", "language"), withMetrics("vision-1", "vision"),
                withMetrics("router-1", "router"));
        cluster.page("sightline_generated_tokens_total 5.0\n");
        var shown = live(List.of(cluster.router()), 3, view -> cluster.page("""
                sightline_generated_tokens_total %d
                sightline_encode_seconds_count{} %d
                sightline_requests_total{outcome="OK",} %d
                """.formatted(view * 1_000_000, view * 100_000, view * 10_000)));
        assertThat(shown.getLast()).containsPattern("language-1 .* [1-9][\\d.]* tokens/s")
                .containsPattern("vision-1 .* [1-9][\\d.]* images/s")
                .containsPattern("router-1 .* [1-9][\\d.]* requests/s")
                .containsPattern("3 nodes by \\S+; [1-9]\\S* requests/s, [1-9]\\S* images/s, [1-9]\\S* tokens/s");
    }

    @Test
    void aNodeWhoseMetricsCannotBeReadIsShownWithoutARate() throws Exception {
        cluster.nodes(withMetrics("language-1", "language"), withMetrics("language-2", "language").toBuilder()
                .setMetrics("127.0.0.1:1")
                .build());
        cluster.page("<html>somebody else's page</html>");
        assertThat(once(cluster.router())).isEmpty();
        assertThat(fieldsOf("language-1").getLast()).isEqualTo("-");
        assertThat(fieldsOf("language-2").getLast()).isEqualTo("-");
    }

    @Test
    void aRouterThatIsGoneIsReplacedByAnotherTarget() throws Exception {
        cluster.nodes(withMetrics("router-1", "router"));
        assertThat(once(NOBODY, cluster.router())).isEmpty();
        assertThat(out.toString()).startsWith("1 nodes by " + cluster.router() + ";");
    }

    @Test
    void aRouterThatDiesIsReplacedByOneThatItToldOf() throws Exception {
        try (var other = new FakeCluster()) {
            other.nodes(withMetrics("router-2", "router"));
            cluster.nodes(withMetrics("router-2", "router").toBuilder()
                    .setEndpoint(other.router().toString())
                    .build());
            var shown = live(List.of(cluster.router()), 2, view -> cluster.close());
            assertThat(shown.getFirst()).contains("by " + cluster.router());
            assertThat(shown.getLast()).contains("by " + other.router());
        }
    }

    @Test
    void changesAreToldAndNobodyAnsweringToo() throws Exception {
        cluster.nodes(withMetrics("language-1", "language"));
        var shown = live(List.of(cluster.router()), 4, view -> {
            switch (view) {
                case 1 -> cluster.nodes(withMetrics("language-1", "language").toBuilder().setState("DRAINING").build(),
                        withMetrics("language-2", "language"));
                case 2 -> cluster.nodes(withMetrics("language-2", "language"));
                default -> cluster.close();
            }
        });
        assertThat(shown.get(1)).contains("language-1 SERVING, now DRAINING").contains("language-2 joined, SERVING");
        assertThat(shown.get(2)).contains("language-1 left, was DRAINING");
        assertThat(shown.get(3)).contains("no router answers: " + cluster.router() + ": cannot be reached");
    }

    @Test
    void withoutATerminalThereAreNoControlCodes() throws Exception {
        cluster.nodes(withMetrics("language\033[2J", "language"));
        assertThat(once(cluster.router())).isEmpty();
        assertThat(out.toString()).contains("language?[2J").doesNotContainPattern("[\\p{Cntrl}&&[^\\n]]");
    }

    @Test
    void aTerminalIsLeftAsItWas() {
        var screen = new Screen.Terminal(new PrintWriter(out));
        assertThat(screen.show(List.of("one", "two"))).isTrue();
        screen.close();
        screen.close();
        assertThat(screen.show(List.of("too late"))).isFalse();
        assertThat(out.toString()).isEqualTo("\033[?1049h\033[?25l\033[?7l" + "\033[Hone\033[K\r\ntwo\033[K\033[J"
                + "\033[?7h\033[?25h\033[?1049l");
    }

    @Test
    void nobodyAnsweringIsAFailureOfASingleView() throws Exception {
        var received = once(NOBODY).orElseThrow();
        assertThat(received.status()).isEqualTo("UNAVAILABLE");
        assertThat(received.message()).isEqualTo(
                NOBODY + ": cannot be reached (expected: a running router's public port)");
    }

    private Optional<Received> once(Endpoint... routers) throws InterruptedException {
        try (var top = new Top(List.of(routers), new Screen.Plain(new PrintWriter(out)), INTERVAL)) {
            return top.once();
        }
    }

    /** So many views, each as text; {@code afterEach} is told its number, from 1, but not of the last one. */
    private static List<String> live(List<Endpoint> routers, int views, IntConsumer afterEach)
            throws InterruptedException {
        var shown = new ArrayList<String>();
        var reader = new Writer() {
            private final StringBuilder text = new StringBuilder();

            @Override
            public void write(char[] chars, int from, int count) {
                text.append(chars, from, count);
            }

            @Override
            public void flush() throws IOException {
                shown.add(text.toString());
                text.setLength(0);
                if (shown.size() == views)
                    throw new IOException("seen enough");
                afterEach.accept(shown.size());
            }

            @Override
            public void close() {}
        };
        try (var top = new Top(routers, new Screen.Plain(new PrintWriter(reader)), INTERVAL)) {
            top.live();
        }
        return shown.subList(0, views);
    }

    private List<String> fieldsOf(String name) {
        return out.toString()
                .lines()
                .filter(line -> line.startsWith(name))
                .findFirst()
                .map(line -> List.of(line.split(" +", -1)))
                .orElseThrow();
    }

    private Node withMetrics(String name, String role) {
        return Node.newBuilder()
                .setName(name)
                .setRole(role)
                .setState("SERVING")
                .setEndpoint("127.0.0.1:7070")
                .setMetrics(cluster.metrics())
                .build();
    }
}
