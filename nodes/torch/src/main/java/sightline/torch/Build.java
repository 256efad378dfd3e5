package sightline.torch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.global.torch;

/** What this LibTorch is, and what this CPU can do. */
final class Build {
    private Build() {}

    static String describe() {
        return "pytorch-" + version() + " onednn-" + onednnVersion() + " " + torch.get_cpu_capability().getString();
    }

    private static String version() {
        String version = torch.class.getPackage().getImplementationVersion();
        return version == null ? "unknown" : version;
    }

    private static String onednnVersion() {
        Matcher match = Pattern.compile("v(\\d+\\S*).*Hash (\\w+)").matcher(torch.get_mkldnn_version().getString());
        return match.find() ? match.group(1) + "-" + match.group(2) : "unknown";
    }

    /** @param flag as Linux calls it */
    static boolean cpuHas(String flag) {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            String flags = lines.filter(line -> line.startsWith("flags")).findFirst().orElse("");
            return (flags + " ").contains(" " + flag + " ");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
