/**
 * The judges of the ext2, ext3 and ext4 driver. They know it as a user does, by the system calls of a kernel that it is part of, and
 * they believe the tools of e2fsprogs, which make every image here and say what is in it.
 *
 * <p>{@link org.rump4j.fs.ext2fs.judge.Images} makes images by {@link org.rump4j.fs.ext2fs.judge.Recipe} and keeps them for the run;
 * {@link org.rump4j.fs.ext2fs.judge.Machine} mounts them; {@link org.rump4j.fs.ext2fs.judge.Comparison} compares all that is in one
 * with what {@link org.rump4j.fs.ext2fs.judge.Debugfs} says. {@link org.rump4j.fs.ext2fs.judge.Anatomy} knows where an image can be
 * hurt, {@link org.rump4j.fs.ext2fs.judge.Damage} does it, and {@link org.rump4j.fs.ext2fs.judge.Explorer} walks through what is left.
 */
@NullMarked
package org.rump4j.fs.ext2fs.judge;

import org.jspecify.annotations.NullMarked;
