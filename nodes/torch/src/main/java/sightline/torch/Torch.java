package sightline.torch;

import java.util.Optional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * LibTorch, started once per process with a fixed device and number of threads.
 *
 * <p>A process computes with one device and one number of threads, so a second start with others is refused.
 */
public final class Torch {
    private static volatile @Nullable Torch instance;

    private final Device device;
    private final Placement placement;
    private final int threads;
    private final RowThreads rowThreads;
    private final String build;

    private Torch(Device device, Placement placement, int threads) {
        this.device = device;
        this.placement = placement;
        this.threads = threads;
        torch.set_num_threads(threads);
        this.rowThreads = new RowThreads(threads);
        this.build = Build.describe();
    }

    /** Begins to load the native libraries on a thread of its own; {@link #start} waits for it. */
    public static void loadAhead() {
        Thread.ofPlatform().daemon().name("torch-load").start(NativeRuntime::load);
    }

    /**
     * Loads the native libraries, which takes a second, or returns what the same arguments have started before.
     *
     * @param threads threads that one operator is spread over, the calling one included
     * @throws IllegalArgumentException if the device is not there
     */
    public static synchronized Torch start(Device device, int threads) {
        Torch running = instance;
        if (running != null) {
            running.requireSame(device, threads);
            return running;
        }
        if (threads < 1) {
            throw new IllegalArgumentException("threads: " + threads + " (expected: >= 1)");
        }
        NativeRuntime.load();
        Torch started = new Torch(device, Placement.on(device), threads);
        instance = started;
        return started;
    }

    static Torch started() {
        Torch running = instance;
        if (running == null) {
            throw new IllegalStateException("LibTorch is not started (expected: Torch.start first)");
        }
        return running;
    }

    public Device device() {
        return device;
    }

    /** Names the LibTorch build and the instruction set it has chosen, for a fingerprint and for logs. */
    public String build() {
        return build;
    }

    /** Whether models can be computed in that type here without being slower for it. */
    boolean supports(DType dtype) {
        return obstacle(dtype).isEmpty();
    }

    /**
     * The weight class that a user asked for by name; {@code auto} takes bfloat16 where it is supported, else float32.
     *
     * @throws IllegalArgumentException if the name is unknown, or the class is not supported here
     */
    public WeightClass weightClass(String name) {
        var asked = switch (name) {
            case "float32" -> WeightClass.FLOAT32;
            case "bfloat16" -> WeightClass.BFLOAT16;
            case "int8" -> WeightClass.INT8;
            case "auto" -> supports(DType.BFLOAT16) ? WeightClass.BFLOAT16 : WeightClass.FLOAT32;
            default -> throw new IllegalArgumentException(name + " (expected: float32, bfloat16, int8 or auto)");
        };
        obstacle(asked).ifPresent(why -> {
            throw new IllegalArgumentException(name + ", but " + why + " (expected: float32 or auto)");
        });
        return asked;
    }

    /**
     * Makes linear layers of a class by the kernels that a setting names.
     *
     * @param kernels auto, packed or plain
     * @throws IllegalArgumentException if the device or the class has no such kernels
     */
    public Linears linears(WeightClass weights, String kernels, Optional<WeightCache> cache) {
        return new Linears(weights, Kernels.parse(kernels, device), cache);
    }

    /** What stands against computing in that type here, in words for the user. */
    Optional<String> obstacle(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> Optional.empty();
            case BFLOAT16 -> device.kind() != Device.Kind.CPU || Build.cpuHas("avx512_bf16")
                    ? Optional.empty()
                    : Optional.of("this CPU lacks AVX512_BF16");
            case FLOAT16 -> Optional.of("float16 is forty times slower than bfloat16 on a CPU");
            case INT64 -> Optional.of("int64 is for row numbers");
        };
    }

    /** What stands against holding weights so here, in words for the user. */
    Optional<String> obstacle(WeightClass weights) {
        if (weights != WeightClass.INT8) {
            return obstacle(weights.compute());
        }
        if (device.kind() != Device.Kind.CPU) {
            return Optional.of("int8 weights run on the CPU's packed kernels only");
        }
        // Without VNNI the kernel adds pairs of products in 16 bits, which saturate: the sums would not be exact.
        return Build.cpuHas("avx512_vnni") || Build.cpuHas("avx_vnni")
                ? obstacle(DType.BFLOAT16)
                : Optional.of("this CPU lacks VNNI");
    }

    /** Whether models of that class can be served here. */
    public boolean supports(WeightClass weights) {
        return obstacle(weights).isEmpty();
    }

    Placement placement() {
        return placement;
    }

    RowThreads rowThreads() {
        return rowThreads;
    }

    // OpenMP keeps the number of threads per calling thread, not per process.
    void bindThread() {
        torch.init_num_threads();
    }

    private void requireSame(Device otherDevice, int otherThreads) {
        if (!device.equals(otherDevice) || threads != otherThreads) {
            throw new IllegalStateException("LibTorch: started on " + device + " with " + threads
                    + " threads (expected: the same, not " + otherDevice + " with " + otherThreads + ")");
        }
    }
}
