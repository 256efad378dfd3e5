package sightline.model;

/**
 * The shape of the language model.
 *
 * @param vocab rows of the embedding
 * @param intermediate width of the MLP
 * @param headDim independent of {@code hidden / heads}
 * @param rotaryDim the first columns of a head, which are turned by position; all of them but in Phi
 * @param maxPositions the longest sequence
 * @param normEps of RMSNorm, or LayerNorm in Phi
 * @param ropeScaling what is made of the frequencies of {@code ropeTheta}
 * @param tied whether the output head is the embedding
 */
public record TextConfig(LanguageFamily family, int vocab, int hidden, int intermediate, int layers, int heads,
        int kvHeads, int headDim, int rotaryDim, int maxPositions, double normEps, double ropeTheta,
        RopeScaling ropeScaling, Activation activation, boolean tied) {}
