package sightline.router.request;

import sightline.router.prompt.RequestRefused;
import sightline.v1.GenerateRequest;
import sightline.v1.Sampling;

/** Refuses requests that set a field of the contract which is not served yet: nothing is silently served otherwise. */
final class FutureFields {
    private static final String EXPECTED = "unset, not served yet";

    private FutureFields() {}

    static void expectUnset(GenerateRequest request) throws RequestRefused {
        FieldPath.of("resume").expect(!request.hasResume(), "a resumed answer", EXPECTED);
        expectUnset(FieldPath.of("sampling"), request.getSampling());
    }

    private static void expectUnset(FieldPath at, Sampling sampling) throws RequestRefused {
        at.field("n").expect(!sampling.hasN() || sampling.getN() == 1, sampling.getN(), "1, more are not served yet");
    }
}
