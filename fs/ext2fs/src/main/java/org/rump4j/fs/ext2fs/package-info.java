/**
 * The ext2, ext3 and ext4 file systems, read and written. Source of the facts: the kernel documentation on ext4's data structures
 * ({@code Documentation/filesystems/ext4}), that on the journal (same place, {@code journal.rst}), and what e2fsprogs makes and checks.
 *
 * <p><b>The model.</b> A {@link org.rump4j.fs.ext2fs.Volume} is a device with a {@link org.rump4j.fs.ext2fs.Superblock}, and the one
 * place by which blocks are read that keep order. On it stand {@link org.rump4j.fs.ext2fs.GroupDescriptors}, which say where the {@link
 * org.rump4j.fs.ext2fs.InodeTable} is in pieces, which gives an {@link org.rump4j.fs.ext2fs.Inode}; a {@link
 * org.rump4j.fs.ext2fs.FileMap} says which blocks it has, and a {@link org.rump4j.fs.ext2fs.Directory} what names are in them. {@link
 * org.rump4j.fs.ext2fs.Ext2fs} and {@link org.rump4j.fs.ext2fs.Ext2Node} are what the file system faction sees of it. A journal that was
 * not played back is looked through by {@link org.rump4j.fs.ext2fs.Journal}, and then lies over the device; or it is played back, where the
 * file system is to be written.
 *
 * <p><b>Structures on disk</b> are tables of {@link org.rump4j.fs.ext2fs.Fields} at the head of the class that reads them.
 *
 * <p><b>Nothing is believed.</b> Every number of an image is looked at before it is used: as an index, as a length, as a block, as a count
 * of rounds. What makes no sense is EIO with a detail that says of which inode or block. What a checksum covers is verified when it
 * comes from the device, once for as long as it stays in the buffer cache ({@link org.rump4j.vfs.Buf#tag}).
 *
 * <p><b>Writing.</b> What changes does so in transactions of {@link org.rump4j.fs.ext2fs.Writing}, which commits them: in
 * an order that leaves what can be checked, or all at once by a {@link org.rump4j.fs.ext2fs.JournalWriter}. An {@link
 * org.rump4j.fs.ext2fs.Allocator} hands out blocks and inodes, a {@link org.rump4j.fs.ext2fs.MapEditor} gives them to a file and takes them
 * back, a {@link org.rump4j.fs.ext2fs.DirectoryEditor} changes names. A file system with a feature that is not kept in order, or one
 * without a journal that was not unmounted, is mounted to be read, and the message says why. What makes no sense is written down in the
 * superblock, and stops all writing where that says so.
 *
 * <p><b>Locks.</b> An inode is guarded by its vnode's lock; then come transactions, shared by who changes something and exclusive for a
 * commit; then the allocator's lock, which guards bitmaps and descriptors; blocks are the buffer cache's.
 */
@NullMarked
package org.rump4j.fs.ext2fs;

import org.jspecify.annotations.NullMarked;
