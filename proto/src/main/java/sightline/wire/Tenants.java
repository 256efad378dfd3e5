package sightline.wire;

import io.grpc.Metadata;

/** How a call says for whom it is: by metadata, since the answer does not depend on it. */
public final class Tenants {
    /** Without it, a call is for the tenant with the empty name. */
    public static final Metadata.Key<String> KEY = Metadata.Key.of("sightline-tenant",
            Metadata.ASCII_STRING_MARSHALLER);

    public static final String EXPECTED = "at most 128 visible characters of ASCII";
    private static final int MOST_CHARACTERS = 128;

    private Tenants() {}

    /** Whether a tenant can be called so. */
    public static boolean isName(String name) {
        return name.length() <= MOST_CHARACTERS && name.chars().allMatch(c -> c > ' ' && c <= '~');
    }
}
