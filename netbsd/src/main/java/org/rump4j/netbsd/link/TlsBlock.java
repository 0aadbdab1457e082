package org.rump4j.netbsd.link;

/**
 * The variables that each thread of a guest has a copy of, of one component.
 *
 * @param component its name
 * @param offset where the block is in the memory of a thread, if all blocks of a guest are in one piece
 * @param template the address of what a copy begins with
 * @param templateBytes how many bytes that has
 * @param bytes how many the block has; what the template has not is zero
 * @param align a power of two
 */
public record TlsBlock(String component, long offset, long template, long templateBytes, long bytes, long align) {}
