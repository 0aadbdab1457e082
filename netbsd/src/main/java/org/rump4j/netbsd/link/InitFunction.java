package org.rump4j.netbsd.link;

/**
 * A function without arguments that initializes a component, or the opposite.
 *
 * @param image whose it is
 * @param address of the function
 */
public record InitFunction(Image image, long address) {}
