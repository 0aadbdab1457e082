package org.rump4j.rumpuser.real;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.rump4j.rumpuser.RandomCalls;

/** Randomness: the kernel's below, where it has a device for it, for that is ready at once; else the JDK's. */
final class RealRandom implements RandomCalls {
    private static final Path DEVICE = Path.of("/dev/urandom");

    @Override
    public int getrandom(byte[] buf, int flags) {
        if (!fromDevice(buf)) {
            new SecureRandom().nextBytes(buf);
        }
        return buf.length;
    }

    private static boolean fromDevice(byte[] buf) {
        try (InputStream device = Files.newInputStream(DEVICE)) {
            return device.readNBytes(buf, 0, buf.length) == buf.length;
        } catch (IOException e) {
            return false;
        }
    }
}
