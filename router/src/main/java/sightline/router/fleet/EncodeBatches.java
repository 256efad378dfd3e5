package sightline.router.fleet;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;
import sightline.stage.v1.EncodeBatch;
import sightline.stage.v1.EncodeItem;
import sightline.stage.v1.VisionCommand;

/** Puts items together to messages below what a node takes in one, those of a group into the same. */
final class EncodeBatches {
    private static final long MAX_BYTES = 32L << 20; // a group, which came in one request, has at most 44 of 64 MiB

    private EncodeBatches() {}

    static List<VisionCommand> of(List<EncodeItem> items) {
        var groups = items.stream()
                .collect(Collectors.groupingBy(EncodeItem::getGroup, LinkedHashMap::new, Collectors.toList()));
        var commands = new ArrayList<VisionCommand>();
        var batch = EncodeBatch.newBuilder();
        long bytes = 0;
        for (var group : groups.values()) {
            long more = group.stream().mapToLong(item -> item.getEncoded().size()).sum();
            if (bytes > 0 && bytes + more > MAX_BYTES) {
                commands.add(VisionCommand.newBuilder().setEncode(batch).build());
                batch = EncodeBatch.newBuilder();
                bytes = 0;
            }
            batch.addAllItems(group);
            bytes += more;
        }
        commands.add(VisionCommand.newBuilder().setEncode(batch).build());
        return commands;
    }
}
