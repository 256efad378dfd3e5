package sightline.model;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import sightline.model.SafetensorsHeader.BadHeader;
import sightline.model.SafetensorsHeader.Entry;

/** Reads the JSON of a safetensors header token by token; keeps only the tensors. For one reading. */
final class SafetensorsJson {
    private static final int MAX_TENSORS = 200_000; // a 24-layer tower and an 80-layer model have about 1,500
    private static final int MAX_DIMENSIONS = 8;
    private static final Map<String, Integer> BYTES = Map.ofEntries(Map.entry("BOOL", 1), Map.entry("U8", 1),
            Map.entry("I8", 1), Map.entry("F8_E5M2", 1), Map.entry("F8_E4M3", 1), Map.entry("I16", 2),
            Map.entry("U16", 2), Map.entry("F16", 2), Map.entry("BF16", 2), Map.entry("I32", 4), Map.entry("U32", 4),
            Map.entry("F32", 4), Map.entry("F64", 8), Map.entry("I64", 8), Map.entry("U64", 8), Map.entry("C64", 8));
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints
                    .builder()
                    .maxNestingDepth(8)
                    .maxNameLength(4096)
                    .maxStringLength(1 << 20)
                    .maxNumberLength(20)
                    .build())
            .build();

    private final Reader reader;
    private final List<Entry> entries = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    SafetensorsJson(Reader reader) {
        this.reader = reader;
    }

    List<Entry> read() throws IOException, BadHeader {
        try (JsonParser json = FACTORY.createParser(reader)) {
            expect(json.nextToken(), JsonToken.START_OBJECT, "header");
            while (json.nextToken() == JsonToken.FIELD_NAME)
                member(json, json.currentName());
            if (json.nextToken() != null)
                throw new BadHeader("header: more after its object");
            return entries;
        } catch (JacksonException e) {
            throw new BadHeader("header is not JSON of the safetensors kind: " + e.getOriginalMessage());
        }
    }

    private void member(JsonParser json, String name) throws IOException, BadHeader {
        if (!names.add(name))
            throw new BadHeader("header: " + name + " stands there twice");
        if (names.size() > MAX_TENSORS)
            throw new BadHeader("header: over " + MAX_TENSORS + " tensors");
        expect(json.nextToken(), JsonToken.START_OBJECT, name);
        if (name.equals("__metadata__"))
            metadata(json);
        else
            entries.add(tensor(json, name));
    }

    private static void metadata(JsonParser json) throws IOException, BadHeader {
        var keys = new HashSet<String>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            if (!keys.add(json.currentName()))
                throw new BadHeader("__metadata__: " + json.currentName() + " stands there twice");
            expect(json.nextToken(), JsonToken.VALUE_STRING, "__metadata__");
        }
    }

    private static Entry tensor(JsonParser json, String name) throws IOException, BadHeader {
        var fields = new HashSet<String>();
        var dtype = "";
        List<Long> shape = List.of();
        List<Long> offsets = List.of();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            var field = json.currentName();
            if (!fields.add(field))
                throw new BadHeader("tensor " + name + ": " + field + " stands there twice");
            json.nextToken();
            switch (field) {
                case "dtype" -> dtype = dtype(json, name);
                case "shape" -> shape = numbers(json, name + ".shape", MAX_DIMENSIONS);
                case "data_offsets" -> offsets = numbers(json, name + ".data_offsets", 2);
                default -> throw new BadHeader("tensor " + name + ": unknown field " + field);
            }
        }
        if (fields.size() != 3 || offsets.size() != 2)
            throw new BadHeader("tensor " + name + ": incomplete (expected: dtype, shape and two data_offsets)");
        return checked(new Entry(name, dtype, shape, offsets.get(0), offsets.get(1)));
    }

    private static String dtype(JsonParser json, String name) throws IOException, BadHeader {
        expect(json.currentToken(), JsonToken.VALUE_STRING, name + ".dtype");
        var dtype = json.getText();
        if (!BYTES.containsKey(dtype))
            throw new BadHeader("tensor " + name + ": dtype: " + dtype + " (expected: one of the safetensors types)");
        return dtype;
    }

    private static List<Long> numbers(JsonParser json, String where, int max) throws IOException, BadHeader {
        expect(json.currentToken(), JsonToken.START_ARRAY, where);
        var numbers = new ArrayList<Long>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            expect(json.currentToken(), JsonToken.VALUE_NUMBER_INT, where);
            if (json.getLongValue() < 0 || numbers.size() == max)
                throw new BadHeader(where + ": (expected: at most " + max + " numbers, none negative)");
            numbers.add(json.getLongValue());
        }
        return numbers;
    }

    private static Entry checked(Entry entry) throws BadHeader {
        try {
            long bytes = BYTES.getOrDefault(entry.dtype(), 0);
            for (long dimension : entry.shape())
                bytes = Math.multiplyExact(bytes, dimension);
            if (entry.begin() <= entry.end() && entry.bytes() == bytes)
                return entry;
            throw new BadHeader("tensor " + entry.name() + ": " + entry.begin() + ".." + entry.end() + " (expected: "
                    + bytes + " bytes for " + entry.dtype() + " " + entry.shape() + ")");
        } catch (ArithmeticException _) {
            throw new BadHeader("tensor " + entry.name() + ": shape: " + entry.shape() + " (expected: less)");
        }
    }

    private static void expect(JsonToken got, JsonToken expected, String where) throws BadHeader {
        if (got != expected)
            throw new BadHeader(where + ": " + got + " (expected: " + expected + ")");
    }
}
