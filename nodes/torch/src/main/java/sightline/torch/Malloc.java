package sightline.torch;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.function.Supplier;

/** The allocator of glibc, which LibTorch allocates from. */
@SuppressWarnings("restricted")
final class Malloc {
    /** struct mallinfo2 of malloc.h: ten size_t, the fifth hblkhd, bytes in mappings, the eighth uordblks, bytes in use. */
    private static final MemoryLayout MALLINFO2 = MemoryLayout
            .structLayout(MemoryLayout.sequenceLayout(10, ValueLayout.JAVA_LONG));

    private static final int MAPPED_BYTES = 4;
    private static final int USED_BYTES = 7;

    /** Names of malloc.h. */
    private static final int M_TRIM_THRESHOLD = -1;

    private static final int M_MMAP_THRESHOLD = -3;

    /** The largest that glibc takes. */
    private static final int REUSED_BELOW_BYTES = 32 << 20;

    private static final int KEPT_FREE_BYTES = 128 << 20;
    private static final int PACKING_REUSED_BELOW_BYTES = 1 << 20;

    private static final MethodHandle MALLINFO = function("mallinfo2", FunctionDescriptor.of(MALLINFO2));
    private static final MethodHandle OPTION = function("mallopt",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private Malloc() {}

    /**
     * Keeps freed blocks of a step for the next one. By its own rules glibc returns them to the system, and touching
     * fresh pages then costs more than the work: an RMSNorm of 640 × 2048 took 5.0 ms instead of 0.6.
     */
    static void reuseTemporaries() {
        set(M_MMAP_THRESHOLD, REUSED_BELOW_BYTES);
        set(M_TRIM_THRESHOLD, KEPT_FREE_BYTES);
    }

    /**
     * Runs the body with large blocks in mappings of their own, so that a temporary copy of a weight leaves no hole among
     * the packed ones: it goes back to the system in the moment it is freed.
     */
    static <T> T returningTemporaries(Supplier<T> body) {
        set(M_MMAP_THRESHOLD, PACKING_REUSED_BELOW_BYTES);
        try {
            return body.get();
        } finally {
            set(M_MMAP_THRESHOLD, REUSED_BELOW_BYTES);
        }
    }

    static long allocatedBytes() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = (MemorySegment) MALLINFO.invokeExact((SegmentAllocator) arena);
            return info.getAtIndex(ValueLayout.JAVA_LONG, MAPPED_BYTES)
                    + info.getAtIndex(ValueLayout.JAVA_LONG, USED_BYTES);
        } catch (Throwable e) {
            throw new IllegalStateException("mallinfo2", e);
        }
    }

    private static void set(int option, int value) {
        try {
            int accepted = (int) OPTION.invokeExact(option, value);
            if (accepted == 0) {
                throw new IllegalStateException("mallopt: " + option + " = " + value + " refused");
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("mallopt", e);
        }
    }

    private static MethodHandle function(String name, FunctionDescriptor type) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
    }
}
