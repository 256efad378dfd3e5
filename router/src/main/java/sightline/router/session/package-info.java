/**
 * One request from its admission to its last token.
 *
 * <p>What a session does is decided in {@link sightline.router.session.SessionPlan}, which knows neither clock nor
 * network nor actor; {@link sightline.router.session.Session} carries it out. Knows no wire format of the client beyond
 * the messages of the contract. Start reading at {@link sightline.router.session.Sessions}.
 */
@NullMarked
package sightline.router.session;

import org.jspecify.annotations.NullMarked;
