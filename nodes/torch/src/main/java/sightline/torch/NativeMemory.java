package sightline.torch;

/** Memory that native code holds: tensors, packed weights, and what LibTorch keeps for itself. */
public final class NativeMemory {
    private NativeMemory() {}

    /** Bytes allocated from the C library and not yet freed. */
    public static long bytes() {
        return Malloc.allocatedBytes();
    }
}
