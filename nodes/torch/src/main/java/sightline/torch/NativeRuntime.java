package sightline.torch;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/** Loads LibTorch with the settings that have to be made around its loading. */
final class NativeRuntime {
    /*
     * maxbytes, maxphysicalbytes: JavaCPP counts the mapped checkpoint as if it were allocated, and then throws, or calls
     * the garbage collector at every allocation.
     *
     * nopointergc: every native object is freed by a scope or by its owner, so JavaCPP's reaper of forgotten ones has
     * nothing to do; without its bookkeeping a small operator costs a third (42 → 13 µs for a packed linear).
     *
     * One thread for OpenBLAS, which multiplies plain float32 tensors: its pool of spinning threads stands beside OpenMP's,
     * and on shared cores they wait for each other. A product of 0.05 ms was seen to take 20 ms; on idle cores the second
     * thread brought a factor of 1.6.
     */

    private NativeRuntime() {}

    /** Loads LibTorch so that memory, threads and scopes are ours to govern; once, whoever comes first. */
    static synchronized void load() {
        System.setProperty("org.bytedeco.javacpp.maxbytes", "0");
        System.setProperty("org.bytedeco.javacpp.maxphysicalbytes", "0");
        System.setProperty("org.bytedeco.javacpp.nopointergc", "true");
        Loader.load(torch.class);
        setOpenBlasThreads(1);
        Malloc.reuseTemporaries();
    }

    @SuppressWarnings("restricted")
    private static void setOpenBlasThreads(int threads) {
        MemorySegment function = SymbolLookup.loaderLookup().findOrThrow("openblas_set_num_threads");
        FunctionDescriptor type = FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT);
        MethodHandle setThreads = Linker.nativeLinker().downcallHandle(function, type);
        try {
            setThreads.invokeExact(threads);
        } catch (Throwable e) {
            throw new IllegalStateException("openblas_set_num_threads", e);
        }
    }
}
