package sightline.torch;

import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;

/**
 * Frees, when it closes, every tensor that was made inside it on its thread and was not {@linkplain Tensor#own owned}.
 *
 * <p>One scope is opened per step, in one method, and closed by the thread that opened it; every LibTorch call stands
 * inside one. No gradient is recorded in it.
 */
public final class TensorScope implements AutoCloseable {
    private final Thread thread = Thread.currentThread();
    private final PointerScope pointers;
    private final InferenceMode inference;

    private TensorScope() {
        pointers = new PointerScope();
        inference = new InferenceMode(true);
    }

    /**
     * Opens a scope on this thread.
     *
     * @throws IllegalStateException before {@link Torch#start}
     */
    public static TensorScope open() {
        Torch.started().bindThread();
        return new TensorScope();
    }

    /**
     * Runs the body in a scope of its own within the present one and keeps only its result: what else it made is freed
     * at once. A forward pass wraps each layer in it, or the temporaries of all layers would lie in memory together.
     */
    public static Tensor keeping(Supplier<Tensor> body) {
        requireOpen();
        PointerScope outer = PointerScope.getInnerScope();
        try (PointerScope inner = new PointerScope()) {
            Tensor result = body.get();
            Scopes.handOver(result.unwrap(), inner, outer);
            return result;
        }
    }

    static void requireOpen() {
        if (PointerScope.getInnerScope() == null) {
            throw new IllegalStateException("no TensorScope is open on " + Thread.currentThread().getName());
        }
    }

    @Override
    public void close() {
        if (Thread.currentThread() != thread) {
            throw new IllegalStateException("scope of " + thread.getName() + " closed by "
                    + Thread.currentThread().getName());
        }
        inference.close();
        pointers.close();
    }
}
