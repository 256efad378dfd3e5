package sightline.language.model;

import java.lang.foreign.MemorySegment;
import sightline.torch.DType;
import sightline.torch.OwnedTensor;
import sightline.torch.Tensor;
import sightline.torch.TensorScope;
import sightline.torch.Weight;
import sightline.wire.ElementType;

/**
 * Turns prompt positions and generated tokens into the decoder's input, reading the rows of the embedding from the
 * mapped file.
 */
final class TokenTable implements AutoCloseable {
    private final OwnedTensor table;
    private final OwnedTensor factor;
    private final DType compute;

    private TokenTable(OwnedTensor table, OwnedTensor factor, DType compute) {
        this.table = table;
        this.factor = factor;
        this.compute = compute;
    }

    /**
     * @param embedding [vocabulary, hidden]; its bytes must stay mapped until {@link #close}
     * @param factor of text and image rows, rounded to the type computed in
     */
    static TokenTable of(Weight embedding, DType compute, double factor) {
        try (TensorScope _ = TensorScope.open()) {
            Tensor table = embedding.view();
            return new TokenTable(table.own(), Tensor.of(new float[]{(float) factor}, 1).to(compute).own(), compute);
        }
    }

    /** Scaled rows of the embedding, [ids, hidden]. */
    Tensor tokens(long... ids) {
        return look(ids).mulInPlace(factor.tensor());
    }

    /** Prompt positions, text and image rows in their places, scaled: [to − from, hidden]. */
    Tensor prompt(Prompt prompt, int from, int to) {
        Tensor rows = look(prompt.rowNumbers(from, to));
        for (ImageRows image : prompt.images()) {
            int first = Math.max(from, image.offset());
            int end = Math.min(to, image.end());
            if (first < end) {
                rows.narrow(0, first - from, end - first).copyInPlace(projected(image, first, end));
            }
        }
        return rows.mulInPlace(factor.tensor());
    }

    @Override
    public void close() {
        table.close();
        factor.close();
    }

    private Tensor look(long... ids) {
        return table.tensor().rows(ids).to(compute);
    }

    /** Rows at prompt positions {@code first} to {@code end}, in their own type. */
    private Tensor projected(ImageRows image, int first, int end) {
        long hidden = table.tensor().size(1);
        long rowBytes = hidden * image.type().bytes();
        MemorySegment bytes = MemorySegment.ofBuffer(image.bytes())
                .asSlice((first - image.offset()) * rowBytes, (end - first) * rowBytes);
        return Tensor.copyOf(bytes, dtype(image.type()), end - first, hidden);
    }

    private static DType dtype(ElementType type) {
        return switch (type) {
            case FLOAT32 -> DType.FLOAT32;
            case BFLOAT16 -> DType.BFLOAT16;
        };
    }
}
