package org.rump4j.vfs;

import java.lang.foreign.MemorySegment;
import org.rump4j.kern.Krwlock;
import org.rump4j.kern.Uio;
import org.rump4j.rumpuser.ErrnoException;

/** A file with pages, and the part of a file system that sets its length; with a lock, as that of a vnode. */
final class WritableFile {
    private static final int PIECE = 1 << 20;

    private final TestKernel kernel;
    private final Krwlock lock;
    final ScatteredFile source;
    final FilePages pages;

    WritableFile(TestKernel kernel, ScatteredFile source) throws Exception {
        this(kernel, source, new DirtyFiles(kernel.vfs().pageCache(), () -> {}));
    }

    WritableFile(TestKernel kernel, ScatteredFile source, DirtyFiles files) throws Exception {
        this.kernel = kernel;
        this.source = source;
        lock = kernel.inside(_ -> kernel.kernel().rwlock());
        pages = new FilePages(kernel.vfs().pageCache(), source, files, "file");
    }

    void write(long offset, byte[] data) throws Exception {
        locked(true, () -> {
            Uio uio = Uio.of(offset, MemorySegment.ofArray(data));
            while (uio.resid() > 0) {
                pages.throttle();
                pages.write(uio, source.size, PIECE);
                source.size = Math.max(source.size, uio.offset());
            }
        });
    }

    byte[] read(long offset, int bytes) throws Exception {
        byte[] data = new byte[bytes];
        locked(false, () -> {
            Uio uio = Uio.of(offset, MemorySegment.ofArray(data));
            pages.read(uio, source.size);
        });
        return data;
    }

    void truncate(long size) throws Exception {
        locked(true, () -> {
            pages.truncate(source.size, size);
            source.freeBlocksBehind(size);
            source.size = size;
        });
    }

    void punch(long from, long to) throws Exception {
        locked(true, () -> {
            pages.punch(source.size, from, to);
            source.freeBlocks(from, to);
        });
    }

    void flush() throws Exception {
        kernel.inside(_ -> {
            pages.flush();
            return pages;
        });
    }

    /** Forgets what is cached, which is clean. */
    void forget() throws Exception {
        locked(true, pages::clear);
    }

    private interface Body {
        void run() throws ErrnoException;
    }

    private void locked(boolean exclusive, Body body) throws Exception {
        kernel.inside(_ -> {
            if (exclusive) {
                lock.enterWrite();
            } else {
                lock.enterRead();
            }
            try {
                body.run();
            } finally {
                lock.exit();
            }
            return pages;
        });
    }
}
