package org.rump4j.fs.ext2fs;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/** How the mount of an image is refused. */
record Refusal(Errno errno, String detail) {
    static Refusal of(Path image, int flags) {
        ErrnoException e = assertThrows(ErrnoException.class, () -> new MountedImage(image, flags).close());
        return new Refusal(e.errno(), String.valueOf(e.detail()));
    }
}
