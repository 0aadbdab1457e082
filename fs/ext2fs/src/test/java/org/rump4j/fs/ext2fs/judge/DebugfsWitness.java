package org.rump4j.fs.ext2fs.judge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** debugfs, which says what is in an image. A directory's names must be asked for before what is said of them. */
final class DebugfsWitness implements Witness, AutoCloseable {
    private static final long ROOT_INO = 2;

    private final Debugfs judge;
    private final FileChannel image;
    private final int blockBytes;
    private final Map<String, Long> inodes = new HashMap<>();

    DebugfsWitness(Path image) {
        try {
            blockBytes = Integer.parseInt(E2fsprogs.dumpe2fs(image).getOrDefault("Block size", "0"));
            this.image = FileChannel.open(image, StandardOpenOption.READ);
            judge = new Debugfs(image);
            inodes.put("", ROOT_INO);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long ino(String path) {
        return Objects.requireNonNull(inodes.get(path), path);
    }

    private Inode inode(String path) {
        return judge.stat(ino(path));
    }

    private JudgedFile file(String path) {
        return new JudgedFile(inode(path), judge, image, blockBytes);
    }

    @Override
    public String name() {
        return "debugfs";
    }

    @Override
    public Set<String> names(String path) {
        Set<String> names = new TreeSet<>();
        for (Debugfs.Entry entry : judge.ls(ino(path))) {
            if (entry.name().equals(".") || entry.name().equals("..")) {
                continue;
            }
            if (!names.add(entry.name())) {
                throw new AssertionError(path + " has " + entry.name() + " twice");
            }
            inodes.put(Model.below(path, entry.name()), entry.ino());
        }
        return names;
    }

    @Override
    public Attributes attributes(String path) {
        Inode inode = inode(path);
        return new Attributes(
                inode.ino(),
                inode.mode(),
                inode.links(),
                inode.uid(),
                inode.gid(),
                inode.fileFlags(),
                inode.rdev(),
                inode.size(),
                inode.atime(),
                inode.mtime());
    }

    @Override
    public String target(String path) {
        return judge.readlink(inode(path));
    }

    @Override
    public List<JudgedFile.Range> data(String path) {
        return file(path).data();
    }

    @Override
    public byte[] read(String path, long offset, int bytes) {
        return file(path).read(offset, bytes);
    }

    @Override
    public String extendedAttributes(String path) {
        return judge.attributes(ino(path));
    }

    @Override
    public void close() throws IOException {
        judge.close();
        image.close();
    }
}
