package sightline.torch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttentionTest {
    private static final int HEAD_DIM = 24;
    private static final int ROWS = 32;

    @BeforeAll
    static void start() {
        Samples.torch();
    }

    @ParameterizedTest
    @CsvSource({"4,1,32,FLOAT32", "4,1,96,FLOAT32", "4,2,64,FLOAT32", "3,3,96,FLOAT32", "4,1,96,BFLOAT16",
        "4,4,64,BFLOAT16"})
    void rowOfAPromptTileSeesItselfAndAllBeforeIt(int heads, int kvHeads, int kvLength, DType dtype) {
        Inputs in = new Inputs(dtype, ROWS, heads, kvHeads, kvLength);
        try (TensorScope _ = TensorScope.open()) {
            Tensor mask = Attention.causalMask(dtype, ROWS);
            Tensor y = Attention.prefillTile(in.q(), in.k(), in.v(), mask);
            Samples.assertClose(y, in.reference(row -> kvLength - ROWS + row + 1), Samples.tolerance(dtype));
        }
    }

    @ParameterizedTest
    @CsvSource({"4,1,1,FLOAT32", "4,1,64,FLOAT32", "4,2,65,FLOAT32", "3,3,100,FLOAT32", "4,1,127,BFLOAT16"})
    void generatedRowSeesTheFilledPositionsOnly(int heads, int kvHeads, int length, DType dtype) {
        int kvLength = Math.toIntExact(Attention.decodeKvLength(length));
        Inputs in = new Inputs(dtype, 1, heads, kvHeads, kvLength);
        try (TensorScope _ = TensorScope.open()) {
            Tensor y = Attention.decodeRow(in.q(), in.k(), in.v(), length);
            Samples.assertClose(y, in.reference(_ -> length), Samples.tolerance(dtype));
        }
    }

    @ParameterizedTest
    @CsvSource({"4,FLOAT32", "4,BFLOAT16"})
    void rowOfAPictureSeesAllRows(int heads, DType dtype) {
        Inputs in = new Inputs(dtype, 17, heads, heads, 17);
        try (TensorScope _ = TensorScope.open()) {
            Tensor y = Attention.full(in.q(), in.k(), in.v());
            Samples.assertClose(y, in.reference(_ -> 17), Samples.tolerance(dtype));
        }
    }

    @Test
    void storageByHeadGivesTheSameBitsAsStorageByPosition() {
        Inputs in = new Inputs(DType.BFLOAT16, ROWS, 4, 2, 64);
        try (TensorScope _ = TensorScope.open()) {
            Tensor mask = Attention.causalMask(DType.BFLOAT16, ROWS);
            Tensor k = in.k().transpose(0, 1).contiguous().transpose(0, 1);
            Tensor v = in.v().transpose(0, 1).contiguous().transpose(0, 1);
            Tensor byHead = Attention.prefillTile(in.q(), k, v, mask);
            assertThat(byHead.sameBits(Attention.prefillTile(in.q(), in.k(), in.v(), mask))).isTrue();
        }
    }

    @Test
    void attentionLeavesItsInputsAsTheyWere() {
        Inputs in = new Inputs(DType.FLOAT32, ROWS, 4, 1, 64);
        try (TensorScope _ = TensorScope.open()) {
            Tensor q = in.q();
            Tensor k = in.k();
            Attention.prefillTile(q, k, k, Attention.causalMask(DType.FLOAT32, ROWS));
            Attention.decodeRow(q.narrow(0, 0, 1), k, k, 50);
            assertThat(q.sameBits(in.q()) && k.sameBits(in.k())).isTrue();
        }
    }

    private interface Visible {
        int positions(int row);
    }

    private record Inputs(DType dtype, int rows, int heads, int kvHeads, int kvLength) {
        Tensor q() {
            return Samples.random(dtype, 1, rows, heads, HEAD_DIM);
        }

        Tensor k() {
            return Samples.random(dtype, 2, kvLength, kvHeads, HEAD_DIM);
        }

        Tensor v() {
            return Samples.random(dtype, 3, kvLength, kvHeads, HEAD_DIM);
        }

        double[] reference(Visible visible) {
            float[] q = q().toFloats();
            float[] k = k().toFloats();
            float[] v = v().toFloats();
            double[] y = new double[q.length];
            for (int r = 0; r < rows; r++) {
                for (int h = 0; h < heads; h++) {
                    int from = (r * heads + h) * HEAD_DIM;
                    int kvHead = h / (heads / kvHeads);
                    head(q, k, v, from, kvHead, visible.positions(r), y);
                }
            }
            return y;
        }

        private void head(float[] q, float[] k, float[] v, int from, int kvHead, int visible, double[] y) {
            double[] weights = new double[visible];
            double sum = 0;
            for (int p = 0; p < visible; p++) {
                double score = 0;
                for (int i = 0; i < HEAD_DIM; i++) {
                    score += q[from + i] * k[(p * kvHeads + kvHead) * HEAD_DIM + i];
                }
                weights[p] = Math.exp(score / Math.sqrt(HEAD_DIM));
                sum += weights[p];
            }
            for (int p = 0; p < visible; p++) {
                for (int i = 0; i < HEAD_DIM; i++) {
                    y[from + i] += weights[p] / sum * v[(p * kvHeads + kvHead) * HEAD_DIM + i];
                }
            }
        }
    }
}
