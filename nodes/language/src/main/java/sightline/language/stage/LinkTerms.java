package sightline.language.stage;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import sightline.language.model.LayerRange;
import sightline.stage.v1.Hello;

/**
 * What a stage is, as far as its rows depend on it: head and stage must mean the same before anything is computed.
 *
 * @param replica by whose name stages find each other
 * @param stage from 0, the head
 * @param modelDigest hexadecimal
 * @param dtype how weights are held, such as {@code bfloat16}
 * @param torchBuild of LibTorch
 * @param promptRows of a tile
 * @param tokenRows of a tile
 */
public record LinkTerms(String replica, int stage, int stages, LayerRange layers, String modelDigest, String dtype,
        String torchBuild, int promptRows, int tokenRows) {
    /** What another stage of the same replica must be. */
    public LinkTerms of(int another, LayerRange itsLayers) {
        return new LinkTerms(replica, another, stages, itsLayers, modelDigest, dtype, torchBuild, promptRows,
                tokenRows);
    }

    Hello hello(String head) {
        return Hello.newBuilder()
                .setHead(head)
                .setReplica(replica)
                .setStage(stage)
                .setStages(stages)
                .setFirstLayer(layers.from())
                .setEndLayer(layers.to())
                .setModelDigest(modelDigest)
                .setDtype(dtype)
                .setTorchBuild(torchBuild)
                .setPromptRows(promptRows)
                .setTokenRows(tokenRows)
                .build();
    }

    /** In what a head takes this stage for something else; empty where it does not. */
    List<String> differences(Hello hello) {
        var found = new ArrayList<String>();
        compare(found, "replica", hello.getReplica(), replica);
        compare(found, "stage", hello.getStage() + "/" + hello.getStages(), stage + "/" + stages);
        compare(found, "model digest", hello.getModelDigest(), modelDigest);
        compare(found, "dtype", hello.getDtype(), dtype);
        compare(found, "layers", hello.getFirstLayer() + ".." + (hello.getEndLayer() - 1),
                layers.from() + ".." + (layers.to() - 1));
        compare(found, "LibTorch", hello.getTorchBuild(), torchBuild);
        compare(found, "tiles", hello.getPromptRows() + " and " + hello.getTokenRows(),
                promptRows + " and " + tokenRows);
        return found;
    }

    private static void compare(List<String> found, String what, Object asked, Object own) {
        if (!Objects.equals(asked, own)) {
            found.add(what + ": " + asked + " (expected: " + own + ")");
        }
    }
}
