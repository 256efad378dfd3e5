package sightline.torch;

/** What makes two linears run the same kernels. */
record LinearShape(DType dtype, int in, int out, boolean biased) {
    long bytes() {
        return ((long) in * out + (biased ? out : 0)) * dtype.bytes();
    }

    @Override
    public String toString() {
        return dtype + "[" + out + "," + in + "]" + (biased ? "+bias" : "");
    }
}
