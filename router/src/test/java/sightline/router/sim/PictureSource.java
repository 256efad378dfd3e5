package sightline.router.sim;

import java.util.List;
import java.util.function.Consumer;
import sightline.stage.v1.Ticket;

/** Where a language node gets projected tokens. */
interface PictureSource {
    /** Tells {@code then} whether all of them came. */
    void fetch(Machine to, List<Ticket> tickets, Consumer<Boolean> then);
}
