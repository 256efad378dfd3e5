package sightline.router.request;

import java.util.Optional;
import sightline.router.prompt.RequestRefused;
import sightline.v1.GenerateRequest;

/** Turns a {@link sightline.v1.Resume} into a {@link ResumeWish} that fits the rest of its request, or refuses it. */
final class ResumeParser {
    private static final FieldPath AT = FieldPath.of("resume");
    private static final String OF_STARTED = "that of Started";

    private ResumeParser() {}

    static Optional<ResumeWish> parse(GenerateRequest request, SamplingWish sampling, int pictures)
            throws RequestRefused {
        if (!request.hasResume())
            return Optional.empty();
        var wish = ResumeWish.of(request.getResume());
        AT.field("model_digest").expect(!wish.modelDigest().isEmpty(), "nothing", OF_STARTED);
        AT.field("language_fingerprint").expect(!wish.languageFingerprint().isEmpty(), "nothing", OF_STARTED);
        AT.field("vision_fingerprint")
                .expect((pictures == 0) == wish.visionFingerprint().isEmpty(),
                        wish.visionFingerprint().isEmpty() ? "nothing" : "one without pictures", OF_STARTED);
        AT.field("seed")
                .expect(sampling.seed().orElse(wish.seed()) == wish.seed(), Long.toUnsignedString(wish.seed()),
                        "the request's sampling.seed");
        AT.field("choices")
                .expect(wish.answers().size() == sampling.answers(), wish.answers().size() + " answers",
                        sampling.answers() + ", as sampling.n says");
        return Optional.of(wish);
    }
}
