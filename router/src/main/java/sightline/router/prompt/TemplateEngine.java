package sightline.router.prompt;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.el.JinjavaInterpreterResolver;
import com.hubspot.jinjava.interpret.Context;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.filter.Filter;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import com.hubspot.jinjava.lib.tag.Tag;
import com.hubspot.jinjava.tree.TagNode;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import jinjava.javax.el.CompositeELResolver;

/**
 * Renders chat templates as transformers does: blocks trimmed, Python's string methods, {@code raise_exception},
 * {@code tojson}, and the {@code generation} tag.
 *
 * <p>What a user wrote is never read as a template; a template cannot reach files or other templates.
 */
final class TemplateEngine {
    private static final long MAX_OUTPUT_CHARS = 8L << 20; // eight times the largest text of a request
    private static final Set<String> FILE_TAGS = Set.of("include", "import", "from", "extends");

    private static final Pattern BEFORE_BLOCK = Pattern.compile("(?m)^[ \\t]+(\\{[%#](?![-+]))");
    private static final Pattern AFTER_BLOCK = Pattern.compile("((?<!\\+)[%#]\\})\\n");
    private static final LegacyOverrides LIKE_JINJA2 = LegacyOverrides.newBuilder()
            .withEvaluateMapKeys(true)
            .withIterateOverMapKeys(true)
            .withUseNaturalOperatorPrecedence(true)
            .withParseWhitespaceControlStrictly(true)
            .withUseTrimmingForNotesAndExpressions(true)
            .withKeepNullableLoopValues(true)
            .withHandleBackslashInQuotesOnly(true)
            .build();

    /** What a template made of a conversation. */
    sealed interface Rendering {
        record Rendered(String text) implements Rendering {}

        /** The template called {@code raise_exception}. */
        record Refused(String reason) implements Rendering {}

        /** The template is wrong, or wants what is not offered here; the detail is not for clients. */
        record Broken(String detail) implements Rendering {}
    }

    /** Thrown by templates, through the engine. */
    private static final class Raised extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private Raised(String reason) {
            super(reason);
        }
    }

    private final Jinjava jinjava;

    TemplateEngine() {
        var resolver = new CompositeELResolver();
        resolver.add(new PythonMethods());
        resolver.add(JinjavaInterpreterResolver.DEFAULT_RESOLVER_READ_ONLY);
        jinjava = new Jinjava(JinjavaConfig.newBuilder()
                .withKeepTrailingNewline(true)
                .withNestedInterpretationEnabled(false)
                .withMaxOutputSize(MAX_OUTPUT_CHARS)
                .withLegacyOverrides(LIKE_JINJA2)
                .withDisabled(Map.of(Context.Library.TAG, FILE_TAGS))
                .withElResolver(resolver)
                .build());
        var context = jinjava.getGlobalContext();
        context.registerFunction(
                new ELFunctionDefinition("", "raise_exception", TemplateEngine.class, "raise", String.class));
        context.registerFilter(new PythonFilter("trim", value -> PythonText.strip(String.valueOf(value))));
        context.registerFilter(new PythonFilter("tojson", TemplateEngine::json));
        context.registerTag(new GenerationTag());
    }

    Rendering render(String template, Map<String, ?> variables) {
        var result = jinjava.renderForResult(withoutBlockLines(template), variables);
        var fatal = result.getErrors().stream().filter(e -> e.getSeverity() == TemplateError.ErrorType.FATAL).toList();
        var raised = fatal.stream().flatMap(e -> raised(e).stream()).findFirst();
        if (raised.isPresent())
            return new Rendering.Refused(raised.get());
        return fatal.isEmpty()
                ? new Rendering.Rendered(result.getOutput())
                : new Rendering.Broken(fatal.stream().map(TemplateError::getMessage).collect(Collectors.joining("; ")));
    }

    /*
     * trim_blocks, lstrip_blocks and keep_trailing_newline=False as Jinja2 has them. Jinjava's own settings differ: they
     * take spaces before any block, also behind text, and the last line end of the result instead of the template's.
     */
    private static String withoutBlockLines(String template) {
        var stripped = BEFORE_BLOCK.matcher(template).replaceAll("$1");
        var trimmed = AFTER_BLOCK.matcher(stripped).replaceAll("$1");
        return trimmed.endsWith("\n") ? trimmed.substring(0, trimmed.length() - 1) : trimmed;
    }

    /** Called by templates under the name {@code raise_exception}. */
    @SuppressWarnings("DoNotCallSuggester") // called by name
    public static String raise(String reason) {
        throw new Raised(reason);
    }

    private static Optional<String> raised(TemplateError error) {
        for (Throwable at = error.getException(); at != null; at = at.getCause())
            if (at instanceof Raised raised)
                return Optional.of(String.valueOf(raised.getMessage()));
        return Optional.empty();
    }

    /** As {@code json.dumps(value, ensure_ascii=False)} writes it. */
    private static String json(Object value) {
        try {
            return new JsonMapper().writer(new PythonSeparators()).writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("tojson: " + e.getOriginalMessage(), e);
        }
    }

    private static final class PythonSeparators extends MinimalPrettyPrinter {
        private static final long serialVersionUID = 1L;

        @Override
        public void writeObjectFieldValueSeparator(JsonGenerator generator) throws IOException {
            generator.writeRaw(": ");
        }

        @Override
        public void writeObjectEntrySeparator(JsonGenerator generator) throws IOException {
            generator.writeRaw(", ");
        }

        @Override
        public void writeArrayValueSeparator(JsonGenerator generator) throws IOException {
            generator.writeRaw(", ");
        }
    }

    private record PythonFilter(String name, Function<Object, String> function) implements Filter {
        @Override
        public String getName() {
            return name;
        }

        @Override
        public Object filter(Object value, JinjavaInterpreter interpreter, String... arguments) {
            return function.apply(value);
        }
    }

    /** Marks the assistant's words for training; here its content counts as it stands. */
    private static final class GenerationTag implements Tag {
        private static final long serialVersionUID = 1L;

        @Override
        public String getName() {
            return "generation";
        }

        @Override
        public String interpret(TagNode node, JinjavaInterpreter interpreter) {
            return node.getChildren()
                    .stream()
                    .map(child -> child.render(interpreter).getValue())
                    .collect(Collectors.joining());
        }
    }
}
