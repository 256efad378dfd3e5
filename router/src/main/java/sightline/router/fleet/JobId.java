package sightline.router.fleet;

/** One session's work, unique in this router for as long as it runs. */
public record JobId(long number) {
    @Override
    public String toString() {
        return Long.toString(number);
    }
}
