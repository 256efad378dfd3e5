package sightline.model;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One object of a configuration file, read field by field.
 *
 * <p>A field that is absent or null takes the fallback; one that is wrong adds a problem and takes the fallback too, so
 * that one reading finds everything.
 */
final class JsonSection {
    private static final JsonMapper MAPPER = JsonMapper
            .builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(64).build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final String where;
    private final JsonNode node;
    private final Problems problems;

    private JsonSection(String where, JsonNode node, Problems problems) {
        this.where = where;
        this.node = node;
        this.problems = problems;
    }

    /** The object in a file; absent when there is no such file. What is no object reads as an empty one. */
    static Optional<JsonSection> file(SmallFiles files, String name, Problems problems) {
        return files.text(name).map(text -> new JsonSection(name + ": ", parse(name, text, problems), problems));
    }

    private static JsonNode parse(String name, String text, Problems problems) {
        try {
            var node = MAPPER.readTree(text);
            if (node.isObject())
                return node;
            problems.add(name, node.getNodeType(), "a JSON object");
        } catch (JacksonException e) {
            problems.add(name + ": no valid JSON: " + e.getOriginalMessage());
        }
        return JsonNodeFactory.instance.objectNode();
    }

    boolean has(String key) {
        return node.hasNonNull(key);
    }

    Optional<JsonSection> section(String key) {
        if (!has(key))
            return Optional.empty();
        var value = node.get(key);
        if (!value.isObject())
            problem(key, value, "an object");
        return Optional.of(new JsonSection(where + key + ".", value, problems));
    }

    Optional<String> text(String key) {
        if (has(key) && !node.get(key).isTextual())
            problem(key, node.get(key), "a text");
        return has(key) && node.get(key).isTextual() ? Optional.of(node.get(key).textValue()) : Optional.empty();
    }

    boolean flag(String key, boolean fallback) {
        if (!has(key))
            return fallback;
        if (!node.get(key).isBoolean())
            problem(key, node.get(key), "true or false");
        return node.get(key).asBoolean(fallback);
    }

    /** A whole number from 1 to {@code max}. */
    int size(String key, int fallback, int max) {
        return integer(key, fallback, 1, max);
    }

    int integer(String key, int fallback, int min, int max) {
        return has(key) ? integer(key, node.get(key), fallback, min, max) : fallback;
    }

    private int integer(String key, JsonNode value, int fallback, int min, int max) {
        if (value.isIntegralNumber() && value.canConvertToInt() && value.intValue() >= min && value.intValue() <= max)
            return value.intValue();
        problem(key, value, "a whole number, " + min + ".." + max);
        return fallback;
    }

    /** One whole number or a list of them; absent means {@code fallback}. */
    List<Integer> integers(String key, List<Integer> fallback, int min, int max) {
        if (!has(key))
            return fallback;
        if (!node.get(key).isArray())
            return List.of(integer(key, min, min, max));
        var numbers = new ArrayList<Integer>();
        for (JsonNode element : node.get(key))
            numbers.add(integer(key, element, min, min, max));
        return List.copyOf(numbers);
    }

    /** A finite number above 0. */
    double positive(String key, double fallback) {
        double number = number(key, fallback);
        if (number > 0)
            return number;
        problem(key, number, "above 0");
        return fallback;
    }

    double number(String key, double fallback) {
        if (!has(key))
            return fallback;
        var value = node.get(key);
        if (value.isNumber() && Double.isFinite(value.doubleValue()))
            return value.doubleValue();
        problem(key, value, "a number");
        return fallback;
    }

    /** A list of exactly {@code count} finite numbers. */
    List<Double> numbers(String key, List<Double> fallback, int count) {
        if (!has(key))
            return fallback;
        var numbers = new ArrayList<Double>();
        for (JsonNode element : node.get(key))
            if (element.isNumber() && Double.isFinite(element.doubleValue()))
                numbers.add(element.doubleValue());
        if (node.get(key).isArray() && numbers.size() == count && node.get(key).size() == count)
            return List.copyOf(numbers);
        problem(key, node.get(key), count + " numbers");
        return fallback;
    }

    Activation activation(String key, Activation fallback) {
        var name = text(key);
        var known = name.flatMap(Activation::ofName);
        if (name.isPresent() && known.isEmpty())
            problem(key, name.get(), Activation.known());
        return known.orElse(fallback);
    }

    void refuseUnlessAbsentOrFalse(String key) {
        if (flag(key, false))
            problem(key, true, "false");
    }

    /** Whether the value is a plain whole number, as old files have it where new ones have an object. */
    boolean isNumber(String key) {
        return has(key) && node.get(key).isNumber();
    }

    /** The elements of a list of objects, or nothing when it is no list. */
    List<JsonSection> sections(String key) {
        var sections = new ArrayList<JsonSection>();
        if (has(key) && node.get(key).isArray())
            node.get(key).forEach(n -> sections.add(new JsonSection(where + key + ".", n, problems)));
        return sections;
    }

    List<String> keys() {
        var keys = new ArrayList<String>();
        node.fieldNames().forEachRemaining(keys::add);
        return keys;
    }

    void problem(String key, Object got, String expected) {
        problems.add(where + key, got, expected);
    }
}
