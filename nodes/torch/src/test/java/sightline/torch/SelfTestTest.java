package sightline.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SelfTestTest {
    private static final Tile TILE = Tile.separate(8).joining(4);

    @BeforeAll
    static void start() {
        Samples.torch();
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BFLOAT16"})
    void packedLinearsAreStrictAndJoinable(DType dtype) {
        try (TensorScope _ = TensorScope.open();
                TileLinear wide = TileLinearTest.linear(dtype, 1, 640, 160);
                TileLinear narrow = TileLinearTest.linear(dtype, 2, 160, 640)) {
            SelfTest.Result result = SelfTest.run(List.of(wide, narrow), TILE);
            assertThat(result).isEqualTo(new SelfTest.Result(true, true, List.of()));
            assertThat(result.allowed(TILE)).isEqualTo(TILE);
        }
    }

    @Test
    void aFunctionThatLooksAtNeighboursIsNotStrict() {
        SelfTest.Result result = test("sum", x -> x.add(x.narrow(0, 0, 1)));
        assertThat(result.strict()).isFalse();
        assertThat(result.joinable()).isFalse();
        assertThat(result.reasons()).hasSize(1).first().asString().startsWith("sum: bits depend on ");
        assertThat(result.allowed(TILE)).isEqualTo(Tile.separate(8));
    }

    @Test
    void aFunctionThatLooksAtThePositionIsNotStrict() {
        SelfTest.Result result = test("last row halved", x -> {
            Tensor y = x.mul(1);
            y.narrow(0, x.size(0) - 1, 1).mulInPlace(0.5);
            return y;
        });
        assertThat(result.strict()).isFalse();
        assertThat(result.reasons()).containsExactly("last row halved: bits depend on position in tiles of 8");
    }

    @Test
    void oneBitInOneRowIsNoticed() {
        double oneBit = 1 + Math.ulp(1f);
        SelfTest.Result result = test("one bit", x -> {
            Tensor y = x.mul(1);
            y.narrow(0, 5, 1).narrow(1, 3, 1).mulInPlace(oneBit);
            return y;
        });
        assertThat(result.strict()).isFalse();
    }

    @Test
    void aFunctionThatChangesWithTheNumberOfTilesIsStrictButNotJoinable() {
        SelfTest.Result result = test("three tiles differ", x -> x.mul(x.size(0) == 24 ? 3 : 1));
        assertThat(result.strict()).isTrue();
        assertThat(result.joinable()).isFalse();
        assertThat(result.reasons()).containsExactly("three tiles differ: bits depend on joining 3 in tiles of 8");
    }

    @Test
    void functionsOfOneNameAreTestedOnce() {
        List<Long> calls = new ArrayList<>();
        RowFunction function = RowFunction.of("same", 4, DType.FLOAT32, x -> {
            calls.add(x.size(0));
            return x;
        });
        SelfTest.run(List.of(function), TILE);
        int once = calls.size();
        SelfTest.run(List.of(function, function, function), TILE);
        assertThat(calls).hasSize(2 * once);
    }

    @Test
    void resultsJoinToWhatBothHold() {
        SelfTest.Result good = new SelfTest.Result(true, true, List.of());
        SelfTest.Result bad = new SelfTest.Result(true, false, List.of("reason"));
        assertThat(good.and(bad)).isEqualTo(bad);
        assertThat(bad.and(good)).isEqualTo(bad);
    }

    private static SelfTest.Result test(String name, UnaryOperator<Tensor> operator) {
        return SelfTest.run(List.of(RowFunction.of(name, 16, DType.FLOAT32, operator)), TILE);
    }
}
