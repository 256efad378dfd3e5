package sightline.router.fleet;

import java.util.ArrayList;
import java.util.List;
import sightline.stage.v1.EncodeBatch;
import sightline.stage.v1.EncodeItem;
import sightline.stage.v1.VisionCommand;

/** Puts items together to messages well below what a node takes in one. */
final class EncodeBatches {
    private static final long MAX_BYTES = 32L << 20; // half of the 64 MiB between nodes; one picture has at most 10

    private EncodeBatches() {}

    static List<VisionCommand> of(List<EncodeItem> items) {
        var commands = new ArrayList<VisionCommand>();
        var batch = EncodeBatch.newBuilder();
        long bytes = 0;
        for (var item : items) {
            if (bytes > 0 && bytes + item.getEncoded().size() > MAX_BYTES) {
                commands.add(VisionCommand.newBuilder().setEncode(batch).build());
                batch = EncodeBatch.newBuilder();
                bytes = 0;
            }
            batch.addItems(item);
            bytes += item.getEncoded().size();
        }
        commands.add(VisionCommand.newBuilder().setEncode(batch).build());
        return commands;
    }
}
