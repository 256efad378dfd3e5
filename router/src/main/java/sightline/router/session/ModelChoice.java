package sightline.router.session;

import java.util.List;
import java.util.stream.Collectors;
import sightline.router.fleet.FleetView;
import sightline.router.fleet.LearnedModel;
import sightline.router.request.ModelWish;
import sightline.router.request.ValidRequest;
import sightline.wire.Failure;

/** The model that a client's wish comes to. */
sealed interface ModelChoice {
    record Chosen(LearnedModel model) implements ModelChoice {}

    record None(Failure failure) implements ModelChoice {}

    /** An answer goes on with the model that began it, or not at all. */
    static ModelChoice of(ValidRequest request, FleetView view) {
        return request.resume()
                .map(resume -> withDigest(resume.modelDigest(), view))
                .orElseGet(() -> of(request.model(), view));
    }

    private static ModelChoice withDigest(String digest, FleetView view) {
        return view.models()
                .stream()
                .filter(model -> model.digest().equals(digest))
                .findFirst()
                .<ModelChoice>map(Chosen::new)
                .orElseGet(() -> new None(view.models().isEmpty()
                        ? noneServed()
                        : new Failure.NoEqualReplica("no model with the digest of the answer's begin is served")));
    }

    /** A model that is known and not served now is chosen all the same: it may be served again soon. */
    private static ModelChoice of(ModelWish wish, FleetView view) {
        return switch (wish) {
            case ModelWish.Named(var name) -> view.model(name)
                    .<ModelChoice>map(Chosen::new)
                    .orElseGet(() -> new None(
                            view.models().isEmpty()
                                    ? noneServed()
                                    : new Failure.UnknownModel(
                                            "model: not served here (expected: " + names(view.models()) + ")")));
            case ModelWish.TheOnlyOne _ -> theOnlyOne(view);
        };
    }

    private static ModelChoice theOnlyOne(FleetView view) {
        var candidates = view.servedModels().isEmpty() ? view.models() : view.servedModels();
        return switch (candidates.size()) {
            case 0 -> new None(noneServed());
            case 1 -> new Chosen(candidates.getFirst());
            default -> new None(new Failure.BadField("model", "nothing (expected: " + names(candidates) + ")"));
        };
    }

    /** A router that has just started knows no model yet, and a little later it does. */
    private static Failure noneServed() {
        return new Failure.NoReplica("no model is served (expected: at least one)");
    }

    private static String names(List<LearnedModel> models) {
        return "one of " + models.stream().map(LearnedModel::name).distinct().collect(Collectors.joining(", "));
    }
}
