/**
 * The file system in memory: the root of every java kernel ({@code rumpfs(4)}), and {@code tmpfs(4)} for those who mount one.
 *
 * <p>Files are nodes in a table; what is in directories and files are Java objects, counted against the kernel's memory. A node is
 * guarded by its vnode's lock, as every file system's are; the table has a lock of its own, a leaf.
 */
@NullMarked
package org.rump4j.vfs.rumpfs;

import org.jspecify.annotations.NullMarked;
