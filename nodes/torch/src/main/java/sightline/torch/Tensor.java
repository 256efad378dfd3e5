package sightline.torch;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * An array of numbers in LibTorch's memory, valid until the scope that it was made in closes, or its owner is closed.
 *
 * <p>Methods return new tensors, or views of this one where they say so; those named {@code …InPlace} change this one
 * and return it. Shapes are [outermost, …, innermost]; a dimension may be counted from the end as −1, −2.
 */
public final class Tensor {
    private final org.bytedeco.pytorch.Tensor torchTensor;

    private Tensor(org.bytedeco.pytorch.Tensor torchTensor) {
        this.torchTensor = torchTensor;
    }

    static Tensor wrap(org.bytedeco.pytorch.Tensor made) {
        TensorScope.requireOpen();
        return new Tensor(made);
    }

    org.bytedeco.pytorch.Tensor unwrap() {
        return torchTensor;
    }

    public static Tensor zeros(DType dtype, long... shape) {
        return wrap(torch.zeros(shape, placement().options(dtype.scalarType())));
    }

    /** Holds whatever the memory held. */
    static Tensor uninitialized(ScalarType type, long... shape) {
        return wrap(torch.empty(shape, placement().options(type), new MemoryFormatOptional()));
    }

    /** A copy. */
    public static Tensor of(float[] values, long... shape) {
        requireSize(values.length, shape);
        try (FloatPointer source = new FloatPointer(values)) {
            return wrap(placement().moved(torch.from_blob(source, shape, new TensorOptions(ScalarType.Float)).clone()));
        }
    }

    /** A copy. */
    public static Tensor of(long[] values, long... shape) {
        requireSize(values.length, shape);
        try (LongPointer source = new LongPointer(values)) {
            return wrap(placement().moved(torch.from_blob(source, shape, new TensorOptions(ScalarType.Long)).clone()));
        }
    }

    /**
     * A view without a copy: the bytes must stay mapped, and unchanged, as long as the tensor or a view of it is used. On
     * a device with memory of its own, a copy there.
     *
     * @param bytes native memory, little-endian, innermost dimension contiguous
     */
    public static Tensor viewOf(MemorySegment bytes, DType dtype, long... shape) {
        if (!bytes.isNative()) {
            throw new IllegalArgumentException("bytes: on the heap (expected: native or mapped memory)");
        }
        requireBytes(bytes, dtype, shape);
        TensorOptions options = new TensorOptions(dtype.scalarType());
        return wrap(placement().moved(torch.from_blob(new Address(bytes.address()), shape, options)));
    }

    /** A copy of bytes that may lie anywhere, the heap included. */
    public static Tensor copyOf(MemorySegment bytes, DType dtype, long... shape) {
        requireBytes(bytes, dtype, shape);
        return copyOf(bytes, dtype.scalarType(), shape);
    }

    static Tensor copyOf(MemorySegment bytes, ScalarType type, long... shape) {
        Tensor host = wrap(torch.empty(shape, new TensorOptions(type), new MemoryFormatOptional()));
        host.memory().copyFrom(bytes);
        return wrap(placement().moved(host.torchTensor));
    }

    /** Joins tensors that agree in every other dimension. */
    public static Tensor cat(int dim, Tensor... parts) {
        TensorVector vector = new TensorVector();
        for (Tensor part : parts) {
            vector.push_back(part.torchTensor);
        }
        return wrap(torch.cat(vector, dim));
    }

    /** Takes it out of the present scope: it lives on until the owner is closed. */
    public OwnedTensor own() {
        Scopes.lasting(torchTensor);
        return new OwnedTensor(this);
    }

    public long[] shape() {
        return torchTensor.sizes().vec().get();
    }

    public long size(int dim) {
        return torchTensor.size(dim);
    }

    public DType dtype() {
        return DType.of(torchTensor.scalar_type());
    }

    /** Itself if it has that type already, else a converted copy. */
    public Tensor to(DType dtype) {
        return dtype() == dtype ? this : wrap(torchTensor.to(dtype.scalarType()));
    }

    /** A view where the layout allows one, else a copy. One dimension may be −1. */
    public Tensor reshape(long... shape) {
        return wrap(torchTensor.reshape(shape));
    }

    /** A view. */
    public Tensor transpose(int a, int b) {
        return wrap(torchTensor.transpose(a, b));
    }

    /** A view. */
    public Tensor permute(long... dims) {
        return wrap(torchTensor.permute(dims));
    }

    /** A view of {@code length} entries of one dimension. */
    public Tensor narrow(int dim, long from, long length) {
        return wrap(torchTensor.narrow(dim, from, length));
    }

    /** Itself if dense already, else a dense copy. */
    public Tensor contiguous() {
        return torchTensor.is_contiguous() ? this : wrap(torchTensor.contiguous());
    }

    /** A copy of the rows (entries of the outermost dimension) with these numbers, in this order. */
    public Tensor rows(long... numbers) {
        return wrap(torchTensor.index_select(0, of(numbers, numbers.length).torchTensor));
    }

    /** Adds zero rows at the end of the outermost of two dimensions until there are {@code rows}. */
    public Tensor padRows(long rows) {
        long missing = rows - size(0);
        return missing == 0 ? this : wrap(torch.constant_pad_nd(torchTensor, new long[]{0, 0, 0, missing}));
    }

    /** A view of the first rows; itself if there are no more. */
    public Tensor firstRows(long count) {
        return size(0) == count ? this : narrow(0, 0, count);
    }

    public Tensor matmul(Tensor other) {
        return wrap(torchTensor.matmul(other.torchTensor));
    }

    public Tensor add(Tensor other) {
        return wrap(torchTensor.add(other.torchTensor));
    }

    public Tensor addInPlace(Tensor other) {
        torchTensor.add_(other.torchTensor);
        return this;
    }

    public Tensor mul(Tensor other) {
        return wrap(torchTensor.mul(other.torchTensor));
    }

    public Tensor mulInPlace(Tensor other) {
        torchTensor.mul_(other.torchTensor);
        return this;
    }

    public Tensor mul(double factor) {
        return wrap(torchTensor.mul(new Scalar(factor)));
    }

    public Tensor mulInPlace(double factor) {
        torchTensor.mul_(new Scalar(factor));
        return this;
    }

    public Tensor fillInPlace(double value) {
        torchTensor.fill_(new Scalar(value));
        return this;
    }

    /** Overwrites this tensor, or what it is a view of, converting to its type; shapes broadcast. */
    public Tensor copyInPlace(Tensor source) {
        torchTensor.copy_(source.torchTensor);
        return this;
    }

    /** Softmax over the innermost dimension, summed in float32 and rounded once to this tensor's type. */
    public Tensor softmax() {
        return wrap(torch.softmax(torchTensor, -1));
    }

    /** All elements, outermost dimension first, converted to float. */
    public float[] toFloats() {
        float[] values = new float[Math.toIntExact(torchTensor.numel())];
        copyTo(values);
        return values;
    }

    /** Copies all elements, converted to float, to the front of an array that is large enough. */
    public void copyTo(float[] target) {
        Tensor dense = to(DType.FLOAT32).contiguous().onHost();
        int count = Math.toIntExact(dense.torchTensor.numel());
        new FloatPointer(dense.torchTensor.data_ptr()).get(target, 0, count);
    }

    /** Copies the bytes of all elements, outermost dimension first. */
    public void copyTo(MemorySegment target) {
        target.copyFrom(contiguous().onHost().memory());
    }

    /** The bytes of all elements, outermost dimension first. */
    public byte[] toBytes() {
        byte[] bytes = new byte[Math.toIntExact(torchTensor.nbytes())];
        copyTo(MemorySegment.ofArray(bytes));
        return bytes;
    }

    /** Whether both have the same type, shape and bits; unlike {@code ==} on floats, a NaN equals itself, −0 is not 0. */
    public boolean sameBits(Tensor other) {
        return dtype() == other.dtype() && torch.equal(bits(torchTensor), bits(other.torchTensor));
    }

    /** Whether no element is NaN or infinite. */
    public boolean isFinite() {
        return FiniteBits.allFinite(contiguous().onHost().memory(), dtype());
    }

    void free() {
        torchTensor.close();
    }

    private static org.bytedeco.pytorch.Tensor bits(org.bytedeco.pytorch.Tensor tensor) {
        return switch ((int) tensor.element_size()) {
            case 2 -> tensor.view(ScalarType.Short);
            case 4 -> tensor.view(ScalarType.Int);
            default -> tensor;
        };
    }

    long byteSize() {
        return torchTensor.nbytes();
    }

    Tensor copy() {
        return wrap(torchTensor.clone());
    }

    /** The bytes themselves, in the CPU's memory; dense tensors only. */
    @SuppressWarnings("restricted")
    MemorySegment memory() {
        long bytes = torchTensor.nbytes(); // without any, there is no address
        return bytes == 0
                ? MemorySegment.NULL
                : MemorySegment.ofAddress(torchTensor.data_ptr().address()).reinterpret(bytes);
    }

    private Tensor onHost() {
        return torchTensor.is_cpu() ? this : wrap(torchTensor.cpu());
    }

    private static Placement placement() {
        return Torch.started().placement();
    }

    private static void requireSize(long elements, long[] shape) {
        if (elements != elements(shape)) {
            throw new IllegalArgumentException("elements: " + elements + " (expected: " + Arrays.toString(shape) + ")");
        }
    }

    private static void requireBytes(MemorySegment bytes, DType dtype, long[] shape) {
        if (bytes.byteSize() != Math.multiplyExact(elements(shape), dtype.bytes())) {
            throw new IllegalArgumentException("bytes: " + bytes.byteSize() + " (expected: those of "
                    + Arrays.toString(shape) + " " + dtype + ")");
        }
    }

    private static long elements(long[] shape) {
        return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }
}
