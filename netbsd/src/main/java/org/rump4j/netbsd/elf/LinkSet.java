package org.rump4j.netbsd.elf;

/**
 * A table that the linker has put together from what the files of an object have added to it: an array of pointers, between the symbols
 * {@code __start_link_set_NAME} and {@code __stop_link_set_NAME}. Source of the facts: {@code sys/cdefs.h} of NetBSD.
 *
 * @param name without {@code link_set_}
 * @param address of the first pointer, in the object
 * @param bytes how long it is
 * @param visible whether dlsym(3) would find its symbols; where they are hidden, or not there, only the object itself and this linker know
 *     of it
 */
public record LinkSet(String name, long address, long bytes, boolean visible) {
    static final String SECTION = "link_set_";
    static final String START = "__start_link_set_";
    static final String STOP = "__stop_link_set_";
}
