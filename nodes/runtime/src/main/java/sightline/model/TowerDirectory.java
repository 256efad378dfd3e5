package sightline.model;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Optional;

/** Finds the vision tower that a checkpoint of the original LLaVA code only names. */
final class TowerDirectory {
    private TowerDirectory() {}

    /**
     * The given directory, or the one that the name leads to from the checkpoint or from beside it, by its whole path
     * or its last part.
     *
     * @param towerName {@code mm_vision_tower}, such as {@code openai/clip-vit-large-patch14-336}
     */
    static Path find(Path checkpoint, String towerName, Optional<Path> given) throws ModelProblem {
        if (given.isPresent())
            return given.get();
        var beside = checkpoint.resolveSibling("x").getParent();
        var tried = new LinkedHashSet<Path>();
        for (Path base : new Path[]{checkpoint, beside})
            for (String name : new String[]{towerName, towerName.substring(towerName.lastIndexOf('/') + 1)})
                tried.add(base.resolve(name).normalize());
        for (Path directory : tried)
            if (directory.startsWith(beside) && Files.isRegularFile(directory.resolve("config.json")))
                return directory;
        throw new ModelProblem("missing: vision tower " + towerName + ", which config.json names in mm_vision_tower "
                + "(looked in " + String.join(", ", tried.stream().map(Path::toString).toList())
                + "; or say --vision-tower DIR)");
    }
}
