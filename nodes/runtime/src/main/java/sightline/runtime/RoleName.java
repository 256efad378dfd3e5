package sightline.runtime;

import sightline.stage.v1.Role;

/** The names of the roles in settings, logs, output and the public contract. */
public final class RoleName {
    private RoleName() {}

    public static String of(Role role) {
        return switch (role) {
            case ROLE_ROUTER -> "router";
            case ROLE_VISION -> "vision";
            case ROLE_LANGUAGE -> "language";
            case ROLE_UNSPECIFIED, UNRECOGNIZED ->
                    throw new IllegalArgumentException("role: " + role + " (expected: a role)");
        };
    }
}
