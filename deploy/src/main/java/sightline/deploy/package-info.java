/**
 * The command line of Sightline: one class per subcommand.
 *
 * <p>Start reading at {@link sightline.deploy.Main}. Commands parse flags and print; what they do lives in the packages
 * below. Knows no tensor and no actor.
 */
@NullMarked
package sightline.deploy;

import org.jspecify.annotations.NullMarked;
