package sightline.router.fleet;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import sightline.stage.v1.Encoded;

/**
 * The pictures of one session on their way through vision nodes.
 *
 * @param fingerprint of the nodes that had the first of them, which the others need too: together they make one answer
 */
record VisionJob(JobId id, VisionNeed first, String fingerprint, List<Picture> pictures) {

    /** How far one picture is. */
    sealed interface Picture {
        /**
         * It has no node.
         *
         * @param retried whether one was already lost while it had it
         */
        record Waiting(boolean retried) implements Picture {}

        /** A node has it, under this number, and has not answered. */
        record Sent(PeerId on, long item, boolean retried) implements Picture {}

        /** Encoded, and held by a lease. */
        record Held(PeerId on, long item, Encoded encoded) implements Picture {
            boolean is(ByteString imageKey, ByteString sha256) {
                var ticket = encoded.getTicket();
                return ticket.getImageKey().equals(imageKey) && ticket.getSha256().equals(sha256);
            }
        }

        /** Encoded, on a node that was lost since. */
        record Gone() implements Picture {}
    }

    VisionJob {
        if (pictures.isEmpty())
            throw new IllegalArgumentException("pictures: 0 (expected: >= 1)");
        pictures = List.copyOf(pictures);
    }

    static VisionJob waiting(JobId id, VisionNeed need, int pictures) {
        return new VisionJob(id, need, "", Collections.nCopies(pictures, new Picture.Waiting(false)));
    }

    /** What a node must have to get the pictures that wait. */
    VisionNeed need() {
        boolean noneIsPlaced = pictures.stream().allMatch(Picture.Waiting.class::isInstance);
        return noneIsPlaced ? first : new VisionNeed(first.modelDigest(), Optional.of(fingerprint));
    }

    /** The pictures that wait, counted from 0. */
    List<Integer> waiting() {
        return all(Picture.Waiting.class);
    }

    boolean isWaiting() {
        return pictures.stream().anyMatch(Picture.Waiting.class::isInstance);
    }

    boolean isGone() {
        return pictures.stream().allMatch(Picture.Gone.class::isInstance);
    }

    private List<Integer> all(Class<? extends Picture> kind) {
        return IntStream.range(0, pictures.size()).filter(i -> kind.isInstance(pictures.get(i))).boxed().toList();
    }

    /** These pictures are on the node, as items from {@code firstItem} on. */
    VisionJob sent(PeerId on, String by, List<Integer> which, long firstItem) {
        var changed = new ArrayList<>(pictures);
        for (int i = 0; i < which.size(); i++) {
            boolean retried = ((Picture.Waiting) pictures.get(which.get(i))).retried();
            changed.set(which.get(i), new Picture.Sent(on, firstItem + i, retried));
        }
        return new VisionJob(id, first, by, changed);
    }

    VisionJob held(int picture, PeerId on, Encoded encoded) {
        var changed = new ArrayList<>(pictures);
        changed.set(picture, new Picture.Held(on, encoded.getItem(), encoded));
        return new VisionJob(id, first, fingerprint, changed);
    }

    /** What the node had not answered waits again; what it held is gone. */
    VisionJob lost(PeerId node) {
        return change(picture -> switch (picture) {
            case Picture.Sent(var on, var _, var _) when on.equals(node) -> new Picture.Waiting(true);
            case Picture.Held(var on, var _, var _) when on.equals(node) -> new Picture.Gone();
            case Picture.Waiting _,Picture.Sent _,Picture.Held _,Picture.Gone _ -> picture;
        });
    }

    private VisionJob change(UnaryOperator<Picture> change) {
        return new VisionJob(id, first, fingerprint, pictures.stream().map(change).toList());
    }

    /** Whether one that was lost with its node once was now lost with another one. */
    boolean isLostAgain(PeerId node) {
        return pictures.stream()
                .anyMatch(picture -> picture instanceof Picture.Sent(var on, var _, var retried) && retried
                        && on.equals(node));
    }

    /** Whether the node has a picture of it and has not answered. */
    boolean isAwaitedFrom(PeerId node) {
        return pictures.stream().anyMatch(picture -> picture instanceof Picture.Sent(var on, _, _) && on.equals(node));
    }

    /** The picture that the node has under this number and has not answered. */
    OptionalInt sentAs(PeerId node, long item) {
        return IntStream.range(0, pictures.size())
                .filter(i -> pictures.get(i) instanceof Picture.Sent(var on, long number, var _) && number == item
                        && on.equals(node))
                .findFirst();
    }
}
