package sightline.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Where every tensor of a model lies, all headers checked and every tensor accounted for.
 *
 * @param files in the order of their names, the tower's last
 * @param places by canonical name; only tensors that the model has
 */
record StoredWeights(List<WeightsFile> files, SortedMap<String, Place> places) {

    /** A file with its checked header. */
    record WeightsFile(String name, Path path, SafetensorsHeader header) {}

    /** One tensor in its file. */
    record Place(WeightsFile file, SafetensorsHeader.Entry entry, StoredType type) {
        long offset() {
            return file.header().dataStart() + entry.begin();
        }
    }

    /** Reads the checkpoint's files, and the tower's where the checkpoint does not hold its weights. */
    static StoredWeights read(CheckpointFiles checkpoint, Optional<CheckpointFiles> tower, TensorPlan plan)
            throws ModelProblem {
        var accounting = new TensorAccounting(plan);
        var files = new ArrayList<WeightsFile>();
        for (WeightsFile file : open(checkpoint, "")) {
            files.add(file);
            accounting.checkpoint(file);
        }
        accounting.index(checkpoint.index(), files);
        if (tower.isPresent() && !accounting.hasTower())
            for (WeightsFile file : open(tower.get(), OriginalLayout.TOWER)) {
                files.add(file);
                accounting.tower(file);
            }
        return new StoredWeights(List.copyOf(files), accounting.places());
    }

    private static List<WeightsFile> open(CheckpointFiles directory, String prefix) throws ModelProblem {
        var files = new ArrayList<WeightsFile>();
        for (var weights : directory.weights().entrySet())
            files.add(new WeightsFile(prefix + weights.getKey(), weights.getValue(),
                    SafetensorsHeader.read(prefix + weights.getKey(), weights.getValue())));
        return files;
    }

    long bytes(StagePart part) {
        return sum(part, p -> p.entry().bytes());
    }

    long parameters() {
        long elements = 0;
        for (StagePart part : StagePart.values())
            elements += sum(part, p -> p.entry().bytes() / p.type().bytes());
        return elements;
    }

    private long sum(StagePart part, Function<Place, Long> of) {
        return places.entrySet()
                .stream()
                .filter(e -> StagePart.of(e.getKey()) == part)
                .mapToLong(e -> of.apply(e.getValue()))
                .sum();
    }
}
