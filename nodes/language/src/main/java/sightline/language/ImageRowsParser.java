package sightline.language;

import java.util.ArrayList;
import java.util.List;
import sightline.language.ValidBegin.TicketedRows;
import sightline.stage.v1.Begin;
import sightline.stage.v1.ImageRows;
import sightline.stage.v1.Ticket;
import sightline.wire.ElementType;
import sightline.wire.Endpoint;
import sightline.wire.Sha256;
import sightline.wire.TensorSpec;

/** Checks that a request's image rows are in order, inside the prompt, and what their tickets promise. */
final class ImageRowsParser {
    private static final int MOST_ENDPOINTS = 8;

    private final ServedShape served;

    ImageRowsParser(ServedShape served) {
        this.served = served;
    }

    List<TicketedRows> parse(Begin begin) throws Refusal {
        var parsed = new ArrayList<TicketedRows>();
        int free = 0;
        for (int i = 0; i < begin.getImagesCount(); i++) {
            var rows = begin.getImages(i);
            var field = "images[" + i + "]";
            Expect.that(rows.getCount() == served.tokensPerImage(), field + ".count", rows.getCount(),
                    String.valueOf(served.tokensPerImage()));
            Expect.range(field + ".offset", rows.getOffset(), free, begin.getPromptIdsCount() - rows.getCount());
            parsed.add(ticketed(field + ".ticket", rows));
            free = rows.getOffset() + rows.getCount();
        }
        return parsed;
    }

    private TicketedRows ticketed(String field, ImageRows rows) throws Refusal {
        var ticket = rows.getTicket();
        Expect.that(ticket.getImageKey().size() == 32, field + ".image_key", ticket.getImageKey().size() + " bytes",
                "32");
        var sha256 = Expect.parsed(field + ".sha256", () -> Sha256.fromBytes(ticket.getSha256()));
        return new TicketedRows(rows.getOffset(), rows.getCount(), ticket.getImageKey(), sha256,
                spec(field, rows.getCount(), ticket), endpoints(field + ".endpoints", ticket));
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
