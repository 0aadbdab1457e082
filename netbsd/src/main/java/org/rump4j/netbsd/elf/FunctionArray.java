package org.rump4j.netbsd.elf;

/**
 * An array of addresses of functions, which relocations fill in.
 *
 * @param address in the object
 * @param count how many
 */
public record FunctionArray(long address, int count) {
    static final FunctionArray NONE = new FunctionArray(0, 0);
}
