package sightline.language.model;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import sightline.torch.Tile;

/**
 * How a batch is cut into forward passes, as far as the self-test allows: tiles of prompt rows, aligned to position 0,
 * and tiles of generated rows.
 *
 * @param promptRows a multiple of {@code tokenRows}
 * @param tokenRows of generated rows, and of the last rows of prompts where they are answered
 * @param passRows that one pass may have; 1 makes every tile a pass of its own
 * @param head how the rows that are answered are cut for the head, in tiles of {@code tokenRows}
 */
record Tiles(int promptRows, int tokenRows, int passRows, Tile head) {
    /**
     * So many tiles in a pass.
     *
     * @param promptTiles of prompts
     * @param tokenTiles of generated rows beside them
     */
    static Tiles joined(int promptRows, int promptTiles, int tokenRows, int tokenTiles) {
        int answered = tokenTiles + Math.ceilDiv(promptTiles, tokenRows);
        return new Tiles(promptRows, tokenRows, promptTiles * promptRows + tokenTiles * tokenRows,
                new Tile(tokenRows, answered));
    }

    /** Every tile a pass of its own. */
    Tiles separate() {
        return new Tiles(promptRows, tokenRows, 1, Tile.separate(tokenRows));
    }

    /** In the order of the batch's results. */
    List<RowLayout> passes(RowLayout batch) {
        var passes = new ArrayList<RowLayout>();
        var open = new ArrayList<RowLayout>();
        int rows = 0;
        for (var tile : Stream.concat(tokenTiles(batch.tokens()), promptTiles(batch.prompts())).toList()) {
            int more = tile.tokens().isEmpty() ? promptRows : tokenRows;
            if (!open.isEmpty() && rows + more > passRows) {
                passes.add(RowLayout.together(open));
                open.clear();
                rows = 0;
            }
            open.add(tile);
            rows += more;
        }
        if (!open.isEmpty()) {
            passes.add(RowLayout.together(open));
        }
        return passes;
    }

    private Stream<RowLayout> tokenTiles(List<RowLayout.Token> tokens) {
        return starts(0, tokens.size(), tokenRows)
                .mapToObj(from -> RowLayout.ofTokens(tokens.subList(from, Math.min(tokens.size(), from + tokenRows))));
    }

    private Stream<RowLayout> promptTiles(List<RowLayout.Span> prompts) {
        return prompts.stream()
                .flatMap(span -> starts(span.from(), span.to(), promptRows).mapToObj(from -> tile(span, from)));
    }

    private RowLayout tile(RowLayout.Span span, int from) {
        int to = Math.min(span.to(), from + promptRows);
        return RowLayout.ofPrompt(new RowLayout.Span(span.id(), from, to, span.answered() && to == span.to()));
    }

    private static IntStream starts(int from, int to, int rows) {
        return IntStream.iterate(from, start -> start < to, start -> start + rows);
    }
}
