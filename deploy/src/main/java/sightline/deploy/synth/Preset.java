package sightline.deploy.synth;

import static sightline.deploy.synth.LlavaShape.Family.GEMMA;
import static sightline.deploy.synth.LlavaShape.Family.LLAMA;
import static sightline.deploy.synth.LlavaShape.Family.PHI;

import sightline.deploy.synth.LlavaShape.Text;
import sightline.deploy.synth.LlavaShape.Vision;

/** A published model, in its true sizes and in small ones of the same form. */
public enum Preset {
    LLAVA_GEMMA_2B, LLAVA_GEMMA_7B, LLAVA_PHI_2, LLAVA_1_5_7B;

    /**
     * Sizes: config.json of Intel/llava-gemma-2b and -7b, llava-hf/llava-1.5-7b-hf and microsoft/phi-2. In the first two
     * {@code <image>} stands behind Gemma's own 256,000 entries, and the embedding is padded to a multiple of 64 rows.
     */
    LlavaShape published() {
        return switch (this) {
            case LLAVA_GEMMA_2B -> large(new Text(GEMMA, 256_064, 2048, 16_384, 18, 8, 1, 256, 8192), 256_000);
            case LLAVA_GEMMA_7B -> large(new Text(GEMMA, 256_064, 3072, 24_576, 28, 16, 16, 256, 8192), 256_000);
            case LLAVA_PHI_2 -> large(new Text(PHI, 51_200, 2560, 10_240, 32, 32, 32, 80, 2048), 50_295);
            case LLAVA_1_5_7B -> large(new Text(LLAMA, 32_064, 4096, 11_008, 32, 32, 32, 128, 4096), 32_000);
        };
    }

    LlavaShape tiny() {
        return switch (this) {
            case LLAVA_GEMMA_2B -> small(new Text(GEMMA, 1088, 64, 256, 2, 4, 1, 16, 1024));
            case LLAVA_GEMMA_7B -> small(new Text(GEMMA, 1088, 48, 256, 2, 4, 4, 16, 1024));
            case LLAVA_PHI_2 -> small(new Text(PHI, 1088, 80, 256, 2, 4, 4, 20, 1024));
            case LLAVA_1_5_7B -> small(new Text(LLAMA, 1088, 64, 176, 2, 4, 4, 16, 1024));
        };
    }

    private static LlavaShape large(Text text, int imageTokenId) {
        return new LlavaShape(text, new Vision(1024, 4096, 24, 16, 336, 14), imageTokenId);
    }

    private static LlavaShape small(Text text) {
        return new LlavaShape(text, new Vision(32, 64, 3, 2, 56, 14), 1024);
    }
}
