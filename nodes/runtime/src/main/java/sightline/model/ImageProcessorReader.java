package sightline.model;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import sightline.model.ImageProcessorConfig.Resize;
import sightline.model.ImageProcessorConfig.Size;

/**
 * Reads the settings of an image processor; missing fields mean what its class in transformers 4.57.6 takes for
 * them. BitImageProcessor, which DINOv2 has, takes what CLIPImageProcessor takes.
 */
final class ImageProcessorReader {
    private static final String SIGLIP = "SiglipImageProcessor";
    private static final List<Double> HALVES = List.of(0.5, 0.5, 0.5);
    private static final List<Double> CLIP_MEAN = List.of(0.48145466, 0.4578275, 0.40821073);
    private static final List<Double> CLIP_STD = List.of(0.26862954, 0.26130258, 0.27577711);
    private static final Set<String> KNOWN = Set.of("CLIPImageProcessor", "CLIPFeatureExtractor",
            "LlavaImageProcessor", "BitImageProcessor", SIGLIP);
    private static final Pattern BACKEND = Pattern.compile("(Fast|Pil)$"); // named by torchvision's or PIL's class
    private static final int BICUBIC = 3; // PIL's number
    private static final int MAX_PIXELS = 1 << 12;

    private final JsonSection json;

    private ImageProcessorReader(JsonSection json) {
        this.json = json;
    }

    /** Reads one processor's section; pads too where the model's own configuration asks for it. */
    static ImageProcessorConfig read(JsonSection json, boolean padToSquare) {
        return new ImageProcessorReader(json).read(padToSquare);
    }

    private ImageProcessorConfig read(boolean padToSquare) {
        checkKind();
        return isSiglip()
                ? scaled(padToSquare, exactResize(), Optional.empty(), HALVES, HALVES)
                : scaled(padToSquare || json.flag("do_pad", false), resize(), crop(), CLIP_MEAN, CLIP_STD);
    }

    /** @param mean and {@code std} where the file has none */
    private ImageProcessorConfig scaled(boolean pad, Resize resize, Optional<Size> crop, List<Double> mean,
            List<Double> std) {
        boolean normalize = json.flag("do_normalize", true);
        return new ImageProcessorConfig(pad, resize, crop,
                json.flag("do_rescale", true) ? json.positive("rescale_factor", 1 / 255.0) : 1,
                normalize ? json.numbers("image_mean", mean, 3) : List.of(0.0, 0.0, 0.0),
                normalize ? std(std) : List.of(1.0, 1.0, 1.0));
    }

    private void checkKind() {
        kind().filter(t -> !KNOWN.contains(t))
                .ifPresent(t -> json.problem("image_processor_type", t, "CLIP-, Bit-, Siglip- or LlavaImageProcessor"));
        int resample = json.integer("resample", BICUBIC, 0, 5);
        if (resample != BICUBIC)
            json.problem("resample", resample, "3, which is bicubic");
    }

    private Optional<String> kind() {
        return json.text("image_processor_type")
                .or(() -> json.text("feature_extractor_type"))
                .map(t -> BACKEND.matcher(t).replaceFirst(""));
    }

    private boolean isSiglip() {
        return kind().equals(Optional.of(SIGLIP));
    }

    /** SigLIP's, which never pads or crops, and scales to a height and a width only. */
    private Resize exactResize() {
        Resize resize = json.flag("do_resize", true)
                ? new Resize.Exact(json.section("size").map(this::size).orElse(new Size(224, 224)))
                : new Resize.Keep();
        if (json.isNumber("size"))
            json.problem("size", "a number", "height and width");
        return resize;
    }

    private Resize resize() {
        if (!json.flag("do_resize", true))
            return new Resize.Keep();
        if (json.isNumber("size"))
            return new Resize.ShortestEdge(json.size("size", 224, MAX_PIXELS));
        var size = json.section("size");
        if (size.isEmpty())
            return new Resize.ShortestEdge(224);
        if (size.get().has("shortest_edge"))
            return new Resize.ShortestEdge(size.get().size("shortest_edge", 224, MAX_PIXELS));
        return new Resize.Exact(size(size.get()));
    }

    private Optional<Size> crop() {
        if (!json.flag("do_center_crop", true))
            return Optional.empty();
        if (json.isNumber("crop_size")) {
            int edge = json.size("crop_size", 224, MAX_PIXELS);
            return Optional.of(new Size(edge, edge));
        }
        return Optional.of(json.section("crop_size").map(this::size).orElse(new Size(224, 224)));
    }

    private Size size(JsonSection size) {
        for (String edge : List.of("height", "width"))
            if (!size.has(edge))
                size.problem(edge, "missing", "a whole number");
        return new Size(size.size("height", 224, MAX_PIXELS), size.size("width", 224, MAX_PIXELS));
    }

    private List<Double> std(List<Double> fallback) {
        var std = json.numbers("image_std", fallback, 3);
        if (std.stream().allMatch(s -> s > 0))
            return std;
        json.problem("image_std", std, "numbers above 0");
        return fallback;
    }
}
