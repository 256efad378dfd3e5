package sightline.torch;

/** What makes two linears run the same kernels. */
record LinearShape(WeightClass weights, Kernels kernels, int in, int out, boolean biased) {
    @Override
    public String toString() {
        String by = kernels == Kernels.PACKED ? "" : " " + kernels;
        return weights.name() + "[" + out + "," + in + "]" + (biased ? "+bias" : "") + by;
    }
}
