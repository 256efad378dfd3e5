package sightline.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sightline.model.ModelDirectory.Options;

/** No file outside the directory is read, and a sharded checkpoint's index must be true. */
final class CheckpointFilesTest {
    @TempDir
    private Path temp = Path.of("");

    private Path directory() {
        return temp.resolve("snapshots").resolve("tiny");
    }

    private TinyCheckpoint checkpoint() {
        return new TinyCheckpoint(directory());
    }

    @BeforeEach
    void write() throws ModelProblem {
        checkpoint().write();
    }

    private ModelDirectory open() throws ModelProblem {
        return ModelDirectory.open(directory(), Options.NONE);
    }

    private void assertRefused(String... told) {
        assertThatThrownBy(this::open).isInstanceOf(ModelProblem.class).hasMessageContainingAll(told);
    }

    private static String index(Map<String, String> map) {
        return "{\"weight_map\": {" + map.entrySet()
                .stream()
                .map(e -> '"' + e.getKey() + "\": \"" + e.getValue() + '"')
                .collect(Collectors.joining(", ")) + "}}";
    }

    /** Language in one file, vision in another. */
    private Map<String, String> shard() throws ModelProblem, IOException {
        Files.delete(directory().resolve("model.safetensors"));
        checkpoint().weights("a.safetensors", s -> s.keySet().removeIf(n -> !n.startsWith("language_model.")));
        checkpoint().weights("b.safetensors", s -> s.keySet().removeIf(n -> n.startsWith("language_model.")));
        var map = new TreeMap<String, String>();
        for (String name : TinyCheckpoint.shapes().keySet())
            map.put(name, name.startsWith("language_model.") ? "a.safetensors" : "b.safetensors");
        return map;
    }

    @Test
    void shardsAreReadByTheirIndex() throws Exception {
        long parameters = open().parameters();
        checkpoint().file("model.safetensors.index.json", index(shard()));

        assertThat(open().parameters()).isEqualTo(parameters);
    }

    @Test
    void indexThatIsNotTrueIsRefused() throws Exception {
        var map = shard();
        map.put("language_model.model.norm.weight", "b.safetensors");
        map.remove("multi_modal_projector.linear_1.bias");
        map.put("ghost.weight", "a.safetensors");
        checkpoint().file("model.safetensors.index.json", index(map));

        assertRefused("tensor language_model.model.norm.weight is in a.safetensors (the index says: b.safetensors)",
                "tensor multi_modal_projector.linear_1.bias is in b.safetensors (the index says: nothing)",
                "tensor ghost.weight is not in a.safetensors");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../outside.safetensors", "/etc/passwd", "sub/../../outside.safetensors", "..", ""})
    void indexCannotLeadOutside(String file) throws Exception {
        checkpoint().weights("../outside.safetensors", _ -> {});
        var map = shard();
        map.replaceAll((_, _) -> file);
        checkpoint().file("model.safetensors.index.json", index(map));

        assertRefused("expected: the name of a file in the directory");
    }

    @Test
    void missingShardIsNamed() throws Exception {
        var map = shard();
        checkpoint().file("model.safetensors.index.json", index(map));
        Files.delete(directory().resolve("b.safetensors"));

        assertRefused("missing: b.safetensors");
    }

    @Test
    void linkOutOfTheDirectoryIsRefused() throws IOException {
        for (String name : List.of("model.safetensors", "config.json", "tokenizer.json")) {
            var outside = temp.resolve("outside-" + name);
            Files.move(directory().resolve(name), outside);
            Files.createSymbolicLink(directory().resolve(name), outside);
            assertRefused(name + ": a link to", "expected: a file in the directory");
            Files.move(outside, directory().resolve(name), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @Test
    void linksOfTheHuggingFaceCacheAreFollowed() throws Exception {
        checkpoint().file("model.safetensors.index.json", index(shard()));
        var digest = open().digest();
        var blobs = Files.createDirectories(temp.resolve("blobs"));
        for (String name : List.of("a.safetensors", "b.safetensors", "config.json")) {
            Files.move(directory().resolve(name), blobs.resolve("0f3a" + name.hashCode()));
            Files.createSymbolicLink(directory().resolve(name), Path.of("../../blobs/0f3a" + name.hashCode()));
        }

        assertThat(open().digest()).isEqualTo(digest);
    }
}
