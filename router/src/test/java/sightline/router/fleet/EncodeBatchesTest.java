package sightline.router.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.util.List;
import org.junit.jupiter.api.Test;
import sightline.stage.v1.EncodeItem;

class EncodeBatchesTest {
    private static final ByteString TEN_MEBIBYTES = ByteString.copyFrom(new byte[10 << 20]);

    @Test
    void picturesOfOneRequestTravelInOneMessageHoweverLargeTheyAre() {
        var items = List.of(item(1, 1), item(1, 2), item(3, 3), item(3, 4), item(3, 5), item(3, 6), item(7, 7));
        assertThat(EncodeBatches.of(items))
                .extracting(command -> command.getEncode().getItemsList().stream().map(EncodeItem::getItem).toList())
                .containsExactly(List.of(1L, 2L), List.of(3L, 4L, 5L, 6L), List.of(7L));
    }

    private static EncodeItem item(long group, long number) {
        return EncodeItem.newBuilder().setGroup(group).setItem(number).setEncoded(TEN_MEBIBYTES).build();
    }
}
