package sightline.torch;

import java.util.function.UnaryOperator;

/**
 * A function that is meant to treat every row by itself. Whether it really does, to the bit, is what {@link SelfTest}
 * finds out.
 */
public interface RowFunction {
    /** Names the function in a self-test's reasons; two functions of one name are taken to be alike and tested once. */
    String name();

    /** Columns of the rows it takes. */
    int width();

    DType dtype();

    /**
     * Computes all rows, cut into calls as the tile says.
     *
     * @param x [rows, width] of {@link #dtype}
     * @return [rows, any]
     */
    Tensor apply(Tensor x, Tile tile);

    /** A plain operator, called on as many rows as the tile joins. */
    static RowFunction of(String name, int width, DType dtype, UnaryOperator<Tensor> operator) {
        return new RowFunction() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public int width() {
                return width;
            }

            @Override
            public DType dtype() {
                return dtype;
            }

            @Override
            public Tensor apply(Tensor x, Tile tile) {
                return tile.cut(x, operator);
            }
        };
    }
}
