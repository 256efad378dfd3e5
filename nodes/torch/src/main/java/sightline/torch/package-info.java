/**
 * Everything that Sightline asks of LibTorch: scopes and owned tensors, packed linears on tiles of fixed size, norms,
 * activations, rotary positions, attention, and the self-test that decides what may be called strict.
 *
 * <p>Knows no model, no checkpoint, no actor and no clock; no type of {@code org.bytedeco} leaves it. Start reading at
 * {@link sightline.torch.Torch}, then {@link sightline.torch.TensorScope} and {@link sightline.torch.TileLinear}.
 */
@NullMarked
package sightline.torch;

import org.jspecify.annotations.NullMarked;
