package sightline.language;

import com.typesafe.config.Config;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import sightline.language.model.LayerRange;
import sightline.language.stage.LinkRules;

/**
 * Which part of a replica a language process is.
 *
 * @param replica absent: the node's own name
 * @param stage from 0, the head, which requests go to
 * @param stages processes of the replica
 * @param layers of each stage; empty: evenly
 * @param links how stages keep one another's word
 */
public record SplitSettings(Optional<String> replica, int stage, int stages, List<Integer> layers, LinkRules links) {
    private static final Pattern PLACE = Pattern.compile("(\\d{1,4})/(\\d{1,4})");

    public SplitSettings {
        layers = List.copyOf(layers);
        if (stages < 1 || stage < 0 || stage >= stages) {
            throw new IllegalArgumentException(
                    "language.stage: " + stage + "/" + stages + " (expected: I/P with I from 0 to P - 1)");
        }
        if (stages > 1 && replica.isEmpty()) {
            throw new IllegalArgumentException(
                    "language.replica: none (expected: a name, where language.stage is one of several)");
        }
        if (!layers.isEmpty() && layers.size() != stages) {
            throw new IllegalArgumentException("language.layers: " + layers + " (expected: one number for each of "
                    + stages + " stages, or none)");
        }
        if (links.silence().compareTo(links.beatInterval()) <= 0) {
            throw new IllegalArgumentException(
                    "language.stage-silence: " + links.silence() + " (expected: over beat-interval)");
        }
    }

    /** Reads its part of the section language. */
    public static SplitSettings from(Config settings) {
        var language = settings.getConfig("language");
        var place = PLACE.matcher(language.getString("stage"));
        if (!place.matches()) {
            throw new IllegalArgumentException(
                    "language.stage: " + language.getString("stage") + " (expected: I/P, such as 0/2)");
        }
        return new SplitSettings(Optional.of(language.getString("replica")).filter(name -> !name.isBlank()),
                Integer.parseInt(place.group(1)), Integer.parseInt(place.group(2)), language.getIntList("layers"),
                new LinkRules(language.getDuration("beat-interval"), language.getDuration("stage-silence"),
                        language.getDuration("stage-stalled")));
    }

    /** Of every stage, the head's first. @throws IllegalArgumentException if the model has not as many layers */
    List<LayerRange> ranges(int modelLayers) {
        return layers.isEmpty() ? LayerRange.even(modelLayers, stages) : LayerRange.sized(modelLayers, layers);
    }
}
