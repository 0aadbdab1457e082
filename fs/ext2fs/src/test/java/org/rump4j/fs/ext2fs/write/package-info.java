/** Writing, with {@code e2fsck -fn} as the judge of what is left. */
@NullMarked
package org.rump4j.fs.ext2fs.write;

import org.jspecify.annotations.NullMarked;
