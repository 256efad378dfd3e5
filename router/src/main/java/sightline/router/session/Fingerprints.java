package sightline.router.session;

/**
 * By what an answer began; only nodes with the same ones go on with it.
 *
 * @param vision empty without pictures
 */
record Fingerprints(String language, String vision) {}
