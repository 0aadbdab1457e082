package org.rump4j.netbsd.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.rump4j.netbsd.Toolchain;

/** The suites of files on NetBSD's FFS, on images made by {@code makefs(8)}. */
final class NetbsdFfsTest extends FileSuites {
    NetbsdFfsTest() {
        super(new NetbsdUnderTest("ffs", new Ffs(), Differences.OF_FFS));
    }

    private static final class Ffs implements NetbsdUnderTest.Images {
        @Override
        public void make(Path image, int mebibytes) throws IOException {
            Path root = Files.createTempDirectory("root");
            Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
            String _ = Toolchain.run(
                    "makefs",
                    "-t",
                    "ffs",
                    "-o",
                    "version=2",
                    "-s",
                    mebibytes + "m",
                    "-f",
                    String.valueOf(128 * mebibytes),
                    image.toString(),
                    root.toString());
            Files.delete(root);
        }

        @Override
        public void judge(Path image) {}
    }
}
