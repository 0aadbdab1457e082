package org.rump4j.vfs;

import org.jspecify.annotations.Nullable;
import org.rump4j.kern.OpenFile;
import org.rump4j.kern.Pipe;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * What an open file works on that has been opened by a path. The reference to the vnode is the open file's.
 *
 * @param vnode by which it was opened
 * @param device the device behind it, of a block device
 * @param pipe the pipe behind it, of a fifo
 */
record OpenVnode(
        Vnode vnode,
        SpecialFiles.@Nullable OpenBlockDevice device,
        @Nullable Pipe pipe) {
    static OpenVnode of(OpenFile file) {
        return (OpenVnode) file.data();
    }

    /**
     * The vnode of an open file.
     *
     * @throws ErrnoException EINVAL where it has none: it is a pipe or the like
     */
    static Vnode vnodeOf(OpenFile file) throws ErrnoException {
        if (file.data() instanceof OpenVnode open) {
            return open.vnode;
        }
        throw Errno.EINVAL.exception("not a file with a name");
    }
}
