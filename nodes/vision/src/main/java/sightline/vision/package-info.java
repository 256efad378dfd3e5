/**
 * The vision node: routers send picture files over one long stream each, and get tickets for projected tokens, which
 * language nodes then fetch.
 *
 * <p>A picture's way: {@link sightline.vision.EncodeStream} admits it, {@link sightline.vision.EncodeDesk} has it
 * prepared by {@link sightline.vision.PreparePool} and encoded by {@link sightline.vision.VisionEncoder},
 * {@link sightline.vision.store.TokenStore} keeps the bytes under a lease, {@link sightline.vision.FetchService} hands
 * them out. {@link sightline.vision.VisionNode} starts it all. Knows no prompt, no session and no language model.
 */
@NullMarked
package sightline.vision;

import org.jspecify.annotations.NullMarked;
