package sightline.model;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import sightline.model.SafetensorsHeader.Entry;
import sightline.model.StoredWeights.Place;
import sightline.model.StoredWeights.WeightsFile;

/** Holds what is stored against what the model has, and tells every difference in one error. For one thread. */
final class TensorAccounting {
    private final TensorPlan plan;
    private final Problems problems = new Problems();
    private final SortedMap<String, Place> places = new TreeMap<>();

    TensorAccounting(TensorPlan plan) {
        this.plan = plan;
    }

    /** Takes the tensors of a file of the checkpoint; each must belong to the model. */
    void checkpoint(WeightsFile file) {
        for (Entry entry : file.header().tensors()) {
            var name = TensorNames.canonical(entry.name());
            if (name.isPresent() && shape(name.get()).isPresent())
                take(name.get(), file, entry);
            else if (!TensorNames.isComputed(entry.name()))
                problems.add("unused tensor: " + entry.name() + " in " + file.name());
        }
    }

    /** Takes the tensors of a tower's file; what else a whole CLIP model holds is left alone. */
    void tower(WeightsFile file) {
        for (Entry entry : file.header().tensors())
            TensorNames.canonicalInTower(entry.name())
                    .filter(name -> shape(name).isPresent())
                    .ifPresent(name -> take(name, file, entry));
    }

    /** The index must say of every tensor in which file it is. */
    void index(Map<String, String> index, List<WeightsFile> files) {
        if (index.isEmpty())
            return;
        var stored = new HashMap<String, String>();
        for (WeightsFile file : files)
            for (Entry entry : file.header().tensors())
                stored.put(entry.name(), file.name());
        if (!stored.equals(index)) {
            stored.entrySet()
                    .stream()
                    .filter(e -> !e.getValue().equals(index.get(e.getKey())))
                    .forEach(e -> problems.add("index: tensor " + e.getKey() + " is in " + e.getValue()
                            + " (the index says: " + index.getOrDefault(e.getKey(), "nothing") + ")"));
            index.keySet()
                    .stream()
                    .filter(name -> !stored.containsKey(name))
                    .forEach(name -> problems.add("index: tensor " + name + " is not in " + index.get(name)));
        }
    }

    boolean hasTower() {
        return places.keySet().stream().anyMatch(name -> name.startsWith("vision_tower."));
    }

    /**
     * All tensors of the model.
     *
     * @throws ModelProblem that names every missing, unused or wrong one
     */
    SortedMap<String, Place> places() throws ModelProblem {
        for (String name : plan.required().keySet())
            if (!places.containsKey(name))
                problems.add("missing tensor: " + name);
        problems.throwIfAny();
        places.keySet().removeAll(plan.allowed().keySet());
        return places;
    }

    private Optional<List<Long>> shape(String name) {
        return Stream.of(plan.required(), plan.optional(), plan.allowed())
                .filter(tensors -> tensors.containsKey(name))
                .map(tensors -> tensors.get(name))
                .findFirst();
    }

    private void take(String name, WeightsFile file, Entry entry) {
        shape(name).filter(expected -> !entry.shape().equals(expected))
                .ifPresent(expected -> problems.add("tensor " + entry.name() + ": shape", entry.shape(),
                        expected.toString()));
        var type = StoredType.ofName(entry.dtype());
        if (type.isEmpty())
            problems.add("tensor " + entry.name() + ": dtype", entry.dtype(), "F32, BF16 or F16");
        else if (places.put(name, new Place(file, entry, type.get())) != null)
            problems.add("tensor " + name + " is stored twice");
    }
}
