/**
 * The file system faction: names, vnodes, caches, mounts and the system calls on files. Source of terms and semantics: {@code
 * vfs(9)}, {@code vnode(9)}, {@code namei(9)}, {@code vfsops(9)} and section 2 of NetBSD's manual, and POSIX.1-2024 where that says
 * more.
 *
 * <p><b>The model.</b> A {@link org.rump4j.vfs.Vnode} is a file in use; its file system's part of it is a {@link
 * org.rump4j.vfs.VnodeOps}. A {@link org.rump4j.vfs.Mount} is a file system in use; its part of it is a {@link
 * org.rump4j.vfs.MountedFs}. {@link org.rump4j.vfs.Namei} gets from paths to vnodes. System calls look at permissions and at everything
 * else that does not depend on how files are stored, and then ask the file system. Data of files on devices is cached by {@link
 * org.rump4j.vfs.FilePages}, what file systems keep order by in {@link org.rump4j.vfs.BufCache}.
 *
 * <p><b>Writing back.</b> What is written to files stays in the cache until it is asked for, memory runs short, or it has been dirty
 * for some time, when a {@link org.rump4j.vfs.Syncer} has the file system commit. Data of files can be written at any moment, by
 * whoever has reason to and without any lock of the file's; blocks that keep order are written in a commit only, stage by stage.
 *
 * <p><b>Lock order.</b> What mounts and unmounts (one lock a kernel); then renames between directories (one a mount); then
 * vnodes, a directory before what is in it, and two files by their numbers; then what is inside of a file system, or of a device that is open
 * (which those of special files come before); then the leaves, which are the name cache's, the vnode cache's, the page cache's and those
 * of working directories.
 */
@NullMarked
package org.rump4j.vfs;

import org.jspecify.annotations.NullMarked;
