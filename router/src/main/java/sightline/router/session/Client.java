package sightline.router.session;

import sightline.v1.GenerateResponse;
import sightline.wire.Failure;

/** The caller of one request. Its methods are called from one thread at a time; after the end they do nothing. */
public interface Client {
    /** Whether it has read enough for more to be sent without being kept in memory. */
    boolean isReady();

    void write(GenerateResponse response);

    /** The answer is whole: nothing follows. */
    void complete();

    void fail(Failure failure);
}
