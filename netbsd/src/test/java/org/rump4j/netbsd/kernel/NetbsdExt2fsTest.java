package org.rump4j.netbsd.kernel;

import java.io.IOException;
import java.nio.file.Path;
import org.rump4j.netbsd.Toolchain;

/** The suites of files on NetBSD's ext2fs, on images made by {@code mke2fs(8)}, which {@code e2fsck(8)} judges. */
final class NetbsdExt2fsTest extends FileSuites {
    NetbsdExt2fsTest() {
        super(new NetbsdUnderTest("ext2fs", new Ext2(), Differences.OF_EXT2FS));
    }

    private static final class Ext2 implements NetbsdUnderTest.Images {
        @Override
        public void make(Path image, int mebibytes) throws IOException {
            String _ =
                    Toolchain.run("mke2fs", "-q", "-F", "-t", "ext2", "-b", "1024", image.toString(), mebibytes + "M");
            String _ = Toolchain.run("debugfs", "-w", "-R", "rmdir lost+found", image.toString());
        }

        @Override
        public void judge(Path image) throws IOException {
            String _ = Toolchain.run("e2fsck", "-fn", image.toString());
        }
    }
}
