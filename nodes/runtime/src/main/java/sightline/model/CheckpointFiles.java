package sightline.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The files of one directory that may be read: none outside it, neither by a name with {@code ..} nor by a link. */
final class CheckpointFiles {
    private static final String WEIGHTS = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";
    private static final List<String> SMALL = List.of("added_tokens.json", "chat_template.jinja",
            "chat_template.json", "config.json", "generation_config.json", "preprocessor_config.json",
            "processor_config.json", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json");

    private final Path directory;

    private CheckpointFiles(Path directory) {
        this.directory = directory;
    }

    static CheckpointFiles of(Path directory) throws ModelProblem {
        if (!Files.isDirectory(directory))
            throw new ModelProblem(directory + ": no such directory");
        return new CheckpointFiles(directory.toAbsolutePath().normalize());
    }

    Path directory() {
        return directory;
    }

    /** Those of the known small files that are there. */
    Map<String, byte[]> small() throws ModelProblem {
        var files = new TreeMap<String, byte[]>();
        long total = 0;
        for (String name : SMALL) {
            if (!Files.exists(directory.resolve(name)))
                continue;
            total += sizeOf(name);
            if (total > SmallFiles.MAX_TOTAL_BYTES)
                throw new ModelProblem(name + ": too large (expected: at most " + SmallFiles.MAX_TOTAL_BYTES
                        + " bytes in all small files)");
            files.put(name, read(name));
        }
        return files;
    }

    /** The weight files that the index names, or the only one: their names here, and where they really lie. */
    SortedMap<String, Path> weights() throws ModelProblem {
        var files = new TreeMap<String, Path>();
        if (Files.exists(directory.resolve(WEIGHTS)))
            files.put(WEIGHTS, within(WEIGHTS));
        else if (Files.exists(directory.resolve(INDEX)))
            for (String name : Set.copyOf(index().values()))
                files.put(name, within(name));
        else
            throw new ModelProblem(noWeights());
        return files;
    }

    /** Stored tensor name to file name; empty when there is no index. */
    Map<String, String> index() throws ModelProblem {
        if (Files.exists(directory.resolve(WEIGHTS)) || !Files.exists(directory.resolve(INDEX)))
            return Map.of();
        var problems = new Problems();
        var map = JsonSection.file(SmallFiles.of(Map.of(INDEX, read(INDEX))), INDEX, problems)
                .flatMap(json -> json.section("weight_map"));
        var index = new TreeMap<String, String>();
        map.ifPresent(m -> m.keys().forEach(k -> m.text(k).ifPresent(file -> index.put(k, file))));
        if (index.isEmpty())
            problems.add(INDEX + ": weight_map", "missing", "tensor names and their files");
        problems.throwIfAny();
        return index;
    }

    private String noWeights() throws ModelProblem {
        try (var files = Files.list(directory)) {
            boolean pickled = files.map(f -> f.getFileName().toString())
                    .anyMatch(n -> n.endsWith(".bin") || n.endsWith(".pt") || n.endsWith(".pth"));
            return "missing: " + WEIGHTS + " or " + INDEX + (pickled
                    ? "; .bin and .pt files are not read (safetensors only): convert them with save_pretrained"
                    : "");
        } catch (IOException e) {
            throw new ModelProblem(directory + ": cannot be listed: " + e.getMessage());
        }
    }

    private byte[] read(String name) throws ModelProblem {
        try {
            return Files.readAllBytes(within(name));
        } catch (IOException e) {
            throw new ModelProblem(name + ": cannot be read: " + e.getMessage());
        }
    }

    private long sizeOf(String name) throws ModelProblem {
        try {
            return Files.size(within(name));
        } catch (IOException e) {
            throw new ModelProblem(name + ": cannot be read: " + e.getMessage());
        }
    }

    /** The file behind a plain name. */
    private Path within(String name) throws ModelProblem {
        var file = plain(name);
        try {
            var real = file.toRealPath();
            if (real.startsWith(directory.toRealPath()) || isHubBlob(real))
                return real;
            throw new ModelProblem(name + ": a link to " + real + " (expected: a file in the directory)");
        } catch (IOException _) {
            throw new ModelProblem("missing: " + name);
        }
    }

    private Path plain(String name) throws ModelProblem {
        try {
            var file = directory.resolve(name);
            if (file.equals(file.normalize()) && directory.equals(file.getParent()))
                return file;
        } catch (InvalidPathException _) {
            // falls through: no file has such a name
        }
        throw new ModelProblem("'" + name + "': refused (expected: the name of a file in the directory)");
    }

    /** The Hugging Face cache keeps the files of {@code snapshots/REVISION} as links into {@code blobs} beside it. */
    private boolean isHubBlob(Path real) throws IOException {
        var snapshots = directory.toRealPath().getParent();
        return snapshots != null && snapshots.endsWith("snapshots")
                && snapshots.resolveSibling("blobs").equals(real.getParent());
    }
}
