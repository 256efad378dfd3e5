package sightline.deploy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import sightline.v1.GenerateRequest;
import sightline.v1.Output;
import sightline.v1.Sampling;
import sightline.v1.Stopping;

/** The flags of {@code ask} that become fields of the request; what is not given stays unset. */
final class RequestFlags {
    @Option(names = "--model", paramLabel = "NAME", description = "Needed where several models are served.")
    private Optional<String> model = Optional.empty();

    @Option(names = "--max-new-tokens", paramLabel = "N", description = "Stop after this many tokens.")
    private Optional<Integer> maxNewTokens = Optional.empty();

    @Option(names = "--min-new-tokens", paramLabel = "N", description = "Do not stop before this many tokens.")
    private Optional<Integer> minNewTokens = Optional.empty();

    @Option(names = "--temperature", paramLabel = "T", description = "0 is greedy.")
    private Optional<Double> temperature = Optional.empty();

    @Option(names = "--top-k", paramLabel = "K", description = "Sample from the K best tokens; 0 is off.")
    private Optional<Integer> topK = Optional.empty();

    @Option(names = "--top-p", paramLabel = "P", description = "Sample from the best tokens that together have this probability.")
    private Optional<Double> topP = Optional.empty();

    @Option(names = "--min-p", paramLabel = "P", description = "Sample from the tokens at least this likely, the likeliest being 1.")
    private Optional<Double> minP = Optional.empty();

    @Option(names = "--repetition-penalty", paramLabel = "R", description = "Over 1 disfavours tokens of prompt and answer.")
    private Optional<Double> repetitionPenalty = Optional.empty();

    @Option(names = "--presence-penalty", paramLabel = "P", description = "Over 0 disfavours tokens of the answer (-2..2).")
    private Optional<Double> presencePenalty = Optional.empty();

    @Option(names = "--frequency-penalty", paramLabel = "P", description = "Over 0 disfavours tokens by how often the answer has them (-2..2).")
    private Optional<Double> frequencyPenalty = Optional.empty();

    @Option(names = "--seed", paramLabel = "N", converter = UnsignedConverter.class, description = "Equal seeds give equal answers (0..2^64-1).")
    private Optional<Long> seed = Optional.empty();

    @Option(names = "--n", paramLabel = "N", description = "So many answers to the same prompt (1..16).")
    private Optional<Integer> answers = Optional.empty();

    @Option(names = "--stop", paramLabel = "TEXT", arity = "1", description = "End before this text; may be given several times.")
    private List<String> stops = new ArrayList<>();

    @Option(names = "--choice", paramLabel = "TEXT", arity = "1", description = "The answer is exactly this text, or another one given so.")
    private List<String> choices = new ArrayList<>();

    @Option(names = "--ignore-eos", description = "Go on after the model's end token.")
    private boolean ignoreEos;

    @Option(names = "--logprobs", paramLabel = "K", description = "Each token's logarithmic probability and the K best (0..20).")
    private Optional<Integer> logprobs = Optional.empty();

    @Option(names = "--priority", paramLabel = "N", description = "Higher goes first (default: 0).")
    private Optional<Integer> priority = Optional.empty();

    void addTo(GenerateRequest.Builder request) {
        model.ifPresent(request::setModel);
        priority.ifPresent(request::setPriority);
        request.setSampling(sampling()).setStopping(stopping());
        logprobs.ifPresent(k -> request.setOutput(Output.newBuilder().setTopLogprobs(k)));
    }

    private Sampling.Builder sampling() {
        var sampling = Sampling.newBuilder();
        temperature.ifPresent(sampling::setTemperature);
        topK.ifPresent(sampling::setTopK);
        topP.ifPresent(sampling::setTopP);
        minP.ifPresent(sampling::setMinP);
        repetitionPenalty.ifPresent(sampling::setRepetitionPenalty);
        presencePenalty.ifPresent(sampling::setPresencePenalty);
        frequencyPenalty.ifPresent(sampling::setFrequencyPenalty);
        seed.ifPresent(sampling::setSeed);
        answers.ifPresent(sampling::setN);
        return sampling.addAllChoices(choices);
    }

    private Stopping.Builder stopping() {
        var stopping = Stopping.newBuilder().addAllStop(stops).setIgnoreEos(ignoreEos);
        maxNewTokens.ifPresent(stopping::setMaxNewTokens);
        minNewTokens.ifPresent(stopping::setMinNewTokens);
        return stopping;
    }

    /** Reads the whole unsigned range. */
    static final class UnsignedConverter implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            try {
                return Long.parseUnsignedLong(text);
            } catch (NumberFormatException _) {
                throw new TypeConversionException(text + " (expected: 0..2^64-1)");
            }
        }
    }
}
