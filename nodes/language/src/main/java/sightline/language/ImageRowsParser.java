package sightline.language;

import java.util.ArrayList;
import java.util.List;
import sightline.language.ValidBegin.LateRows;
import sightline.language.ValidBegin.PromptImage;
import sightline.language.ValidBegin.TicketedRows;
import sightline.stage.v1.Begin;
import sightline.stage.v1.LateTicket;
import sightline.stage.v1.Ticket;
import sightline.wire.ElementType;
import sightline.wire.Endpoint;
import sightline.wire.Failure;
import sightline.wire.Sha256;
import sightline.wire.TensorSpec;

/** Checks that a request's image rows are in order, inside the prompt, and what their tickets promise. */
final class ImageRowsParser {
    private static final int MOST_ENDPOINTS = 8;

    private final ServedShape served;

    ImageRowsParser(ServedShape served) {
        this.served = served;
    }

    List<PromptImage> parse(Begin begin) throws Refusal {
        var parsed = new ArrayList<PromptImage>();
        int free = 0;
        for (int i = 0; i < begin.getImagesCount(); i++) {
            var rows = begin.getImages(i);
            var field = "images[" + i + "]";
            Expect.that(rows.getCount() == served.tokensPerImage(), field + ".count", rows.getCount(),
                    String.valueOf(served.tokensPerImage()));
            Expect.range(field + ".offset", rows.getOffset(), free, begin.getPromptIdsCount() - rows.getCount());
            parsed.add(rows.hasTicket()
                    ? ticketed(field + ".ticket", rows.getOffset(), rows.getCount(), rows.getTicket())
                    : new LateRows(rows.getOffset(), rows.getCount(), specOfOthers(begin)));
            free = rows.getOffset() + rows.getCount();
        }
        return parsed;
    }

    /** All of a request's images come out alike. */
    private TensorSpec specOfOthers(Begin begin) throws Refusal {
        for (int i = 0; i < begin.getImagesCount(); i++) {
            var rows = begin.getImages(i);
            if (rows.hasTicket()) {
                return spec("images[" + i + "].ticket", rows.getCount(), rows.getTicket());
            }
        }
        throw new Refusal(new Failure.BadField("images", "none with a ticket (expected: one at least)"));
    }

    /** @param images of the request, whose Begin came without this ticket */
    TicketedRows parse(LateTicket late, List<PromptImage> images) throws Refusal {
        int number = Expect.range("late_ticket.image", late.getImage(), 0, images.size() - 1);
        var image = images.get(number);
        Expect.that(image instanceof LateRows, "late_ticket.image", number, "an image without a ticket");
        var ticketed = ticketed("late_ticket.ticket", image.offset(), image.count(), late.getTicket());
        Expect.that(ticketed.spec().equals(image.spec()), "late_ticket.ticket.dtype", late.getTicket().getDtype(),
                image.spec().type().wireName());
        return ticketed;
    }

    private TicketedRows ticketed(String field, int offset, int count, Ticket ticket) throws Refusal {
        Expect.that(ticket.getImageKey().size() == 32, field + ".image_key", ticket.getImageKey().size() + " bytes",
                "32");
        var sha256 = Expect.parsed(field + ".sha256", () -> Sha256.fromBytes(ticket.getSha256()));
        return new TicketedRows(offset, count, ticket.getImageKey(), sha256,
                spec(field, count, ticket), endpoints(field + ".endpoints", ticket));
    }

    private TensorSpec spec(String field, int count, Ticket ticket) throws Refusal {
        var expected = List.of((long) count, (long) served.hidden());
        Expect.that(ticket.getShapeCount() == expected.size(), field + ".shape", ticket.getShapeCount() + " sizes",
                expected.toString());
        Expect.that(ticket.getShapeList().equals(expected), field + ".shape", ticket.getShapeList(),
                expected.toString());
        Expect.that(ticket.getModelDigest().equals(served.modelDigest().hex()), field + ".model_digest",
                ticket.getModelDigest(), served.modelDigest().hex());
        var type = Expect.parsed(field + ".dtype", () -> ElementType.parse(ticket.getDtype()));
        return Expect.parsed(field + ".shape", () -> new TensorSpec(expected, type, served.modelDigest()));
    }

    private static List<Endpoint> endpoints(String field, Ticket ticket) throws Refusal {
        Expect.that(ticket.getEndpointsCount() >= 1 && ticket.getEndpointsCount() <= MOST_ENDPOINTS, field,
                ticket.getEndpointsCount() + " endpoints", "1.." + MOST_ENDPOINTS);
        return Expect.parsed(field, () -> ticket.getEndpointsList().stream().map(Endpoint::parse).toList());
    }
}
