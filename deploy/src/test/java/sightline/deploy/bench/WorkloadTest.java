package sightline.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import sightline.v1.GenerateRequest;
import sightline.v1.Part;

class WorkloadTest {
    private static final List<ByteString> PICTURES = IntStream.range(0, 4)
            .mapToObj(i -> ByteString.copyFromUtf8("picture " + i))
            .toList();

    @Test
    void equalSeedsAskTheSameAndOthersDoNot() {
        assertThat(madeUp(1).request(5)).isEqualTo(madeUp(1).request(5)).isNotEqualTo(madeUp(1).request(6));
        assertThat(madeUp(2).request(5)).isNotEqualTo(madeUp(1).request(5));
    }

    @Test
    void madeUpQuestionsAndPicturesStayWithinTheirBoundsAndReachThem() {
        var requests = IntStream.range(0, 200).mapToObj(madeUp(1)::request).toList();
        assertThat(requests).extracting(WorkloadTest::words).contains(3, 9).allMatch(words -> words >= 3 && words <= 9);
        assertThat(requests).extracting(request -> parts(request).size() - 1)
                .contains(0, 2)
                .allMatch(count -> count >= 0 && count <= 2);
    }

    @Test
    void givenQuestionsAreAskedInTurnWithThePicturesInTurn() {
        var workload = new Workload(PICTURES, new Range(1, 1), new Texts.Given(List.of("one", "two", "three")), 8, true,
                Optional.empty(), 1);
        assertThat(IntStream.range(0, 4).mapToObj(workload::request))
                .extracting(request -> parts(request).getLast().getText())
                .containsExactly("one", "two", "three", "one");
        assertThat(IntStream.range(0, 5).mapToObj(workload::request))
                .extracting(request -> PICTURES.indexOf(parts(request).getFirst().getImage().getEncoded()))
                .containsExactly(0, 1, 2, 3, 0);
    }

    private static Workload madeUp(long seed) {
        return new Workload(PICTURES, new Range(0, 2), new Texts.MadeUp(new Range(3, 9)), 8, true, Optional.empty(),
                seed);
    }

    private static int words(GenerateRequest request) {
        return parts(request).getLast().getText().split(" ").length;
    }

    private static List<Part> parts(GenerateRequest request) {
        return request.getConversation().getMessages(0).getPartsList();
    }
}
