package org.rump4j.vfs;

/**
 * When in a commit a dirty block of a device is written ({@link BufCache#writeStage}), so that a file system makes sense
 * whenever the power goes: what is pointed to before what points to it, and the new place of what moves before the old one loses it.
 * What each stage means beyond that is the file system's business, and so is {@link org.rump4j.kern.BlockDevice#flush} between them.
 */
public enum WriteStage {
    /** Blocks that nothing on the device points to yet. A block stays in this stage until it is written. */
    FRESH,
    /** What points to blocks, and says which are in use. */
    MAP,
    /** Directories that have got entries. */
    GAIN,
    /** Directories from which entries have been moved elsewhere. */
    LOSE
}
