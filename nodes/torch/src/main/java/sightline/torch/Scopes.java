package sightline.torch;

import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;

/** What JavaCPP's scopes do to single pointers. */
final class Scopes {
    private Scopes() {}

    /** Takes a pointer out of the present scope, so that it lives until it is closed by hand. */
    static <P extends Pointer> P lasting(P pointer) {
        TensorScope.requireOpen();
        // detach also releases the scope's reference, and with the last one the memory: hold one first.
        pointer.retainReference();
        PointerScope.getInnerScope().detach(pointer);
        return pointer;
    }

    /** Moves a pointer from an inner scope to the one around it. */
    static void handOver(Pointer pointer, PointerScope from, PointerScope to) {
        pointer.retainReference();
        from.detach(pointer);
        to.attach(pointer);
        pointer.releaseReference();
    }
}
