package sightline.runtime;

import java.util.Optional;
import sightline.model.SmallFiles;
import sightline.stage.v1.ServedModel;

/**
 * What a warm worker tells the cluster about itself.
 *
 * @param files the small model files, handed to whoever asks over gRPC
 * @param device such as {@code cpu}
 * @param dtype of the computation, such as {@code bfloat16}
 * @param fingerprint absent when the self-test failed
 * @param contextLength positions a sequence may have here; 0 on a vision node
 */
public record ServedNode(ServedModel model, SmallFiles files, String device, String dtype,
        Optional<String> fingerprint, int contextLength) {}
