package sightline.torch;

import org.bytedeco.javacpp.Pointer;

/** A pointer to memory that is not JavaCPP's to free. */
final class Address extends Pointer {
    Address(long address) {
        this.address = address;
    }
}
