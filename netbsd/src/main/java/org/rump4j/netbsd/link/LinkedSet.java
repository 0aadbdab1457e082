package org.rump4j.netbsd.link;

/**
 * A link set in memory.
 *
 * @param image whose it is: each component has its own
 * @param name without {@code link_set_}
 * @param address of the first pointer
 * @param count how many pointers there are
 * @param visible whether dlsym(3) would find it, which is what the host of a C program looks for sets with
 */
public record LinkedSet(Image image, String name, long address, long count, boolean visible) {}
