package sightline.deploy.jmh;

/** Numbers that a linear layer reads and writes for each row, written {@code IN x OUT}. */
record MatrixShape(int in, int out) {
    static MatrixShape parse(String text) {
        String[] parts = text.split("x", 2);
        return new MatrixShape(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
    }
}
