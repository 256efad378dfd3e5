package sightline.router.fleet;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import sightline.stage.v1.Encoded;

/**
 * The pictures of one session on their way through a vision node.
 *
 * @param retried whether a node was already lost while it had them
 */
record VisionJob(JobId id, VisionNeed need, int pictures, Progress progress, boolean retried) {

    sealed interface Progress {
        record Waiting() implements Progress {}

        /** On a node, as items from {@code firstItem} on; the answers that came are there. */
        record Sent(PeerId on, long firstItem, List<Optional<Encoded>> answers) implements Progress {
            public Sent {
                answers = List.copyOf(answers);
            }

            boolean has(long item) {
                return item >= firstItem && item < firstItem + answers.size();
            }

            boolean holds(ByteString imageKey, ByteString sha256) {
                return answers.stream()
                        .flatMap(Optional::stream)
                        .map(Encoded::getTicket)
                        .anyMatch(ticket -> ticket.getImageKey().equals(imageKey)
                                && ticket.getSha256().equals(sha256));
            }

            Sent with(Encoded answer) {
                var more = new ArrayList<>(answers);
                more.set((int) (answer.getItem() - firstItem), Optional.of(answer));
                return new Sent(on, firstItem, more);
            }

            int unanswered() {
                return (int) answers.stream().filter(Optional::isEmpty).count();
            }

            /** Items that were answered, and so are held by a lease; or the others. */
            List<Long> items(boolean answered) {
                return IntStream.range(0, answers.size())
                        .filter(i -> answers.get(i).isPresent() == answered)
                        .mapToObj(i -> firstItem + i)
                        .toList();
            }
        }
    }

    VisionJob {
        if (pictures < 1)
            throw new IllegalArgumentException("pictures: " + pictures + " (expected: >= 1)");
    }

    static VisionJob waiting(JobId id, VisionNeed need, int pictures) {
        return new VisionJob(id, need, pictures, new Progress.Waiting(), false);
    }

    VisionJob sent(PeerId on, long firstItem) {
        var none = IntStream.range(0, pictures).mapToObj(_ -> Optional.<Encoded>empty()).toList();
        return with(new Progress.Sent(on, firstItem, none));
    }

    VisionJob with(Progress changed) {
        return new VisionJob(id, need, pictures, changed, retried);
    }

    VisionJob again() {
        return new VisionJob(id, need, pictures, new Progress.Waiting(), true);
    }

    boolean isOn(PeerId peer) {
        return progress instanceof Progress.Sent sent && sent.on().equals(peer);
    }

    boolean isWaiting() {
        return progress instanceof Progress.Waiting;
    }

    /** Places that it takes on its node. */
    int unanswered() {
        return progress instanceof Progress.Sent sent ? sent.unanswered() : 0;
    }
}
