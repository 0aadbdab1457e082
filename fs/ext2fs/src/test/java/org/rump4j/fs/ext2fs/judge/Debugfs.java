package org.rump4j.fs.ext2fs.judge;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.rump4j.rump.PathCodec;

/**
 * A {@code debugfs(8)} that stays with one image and is asked one question after the other. It echoes each command before it
 * answers: the echo of a command that it does not know is the end of the answer before.
 */
final class Debugfs implements AutoCloseable {
    /** An entry of a directory. */
    record Entry(long ino, String name) {}

    private static final String END = "end-of-answer-";
    private static final int ENTRY_FIELDS = 7;

    private final Process process;
    private final InputStream answers;
    private final OutputStream questions;
    private final Map<Long, Inode> inodes = new HashMap<>();
    private int asked;

    /** Where answers are collected; what is behind the last one is rubbish. */
    private byte[] answer = new byte[1 << 16];

    Debugfs(Path image) {
        try {
            process = E2fsprogs.process(List.of("debugfs", "-f", "-", image.toString()))
                    .start();
            answers = process.getInputStream();
            questions = process.getOutputStream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What it answers to a command. */
    byte[] ask(String command) {
        String end = END + asked++;
        byte[] echoOfEnd = bytes("debugfs: " + end + "\n");
        try {
            questions.write(bytes(command + "\n" + end + "\n"));
            questions.flush();
            int ends;
            int length = 0;
            do {
                if (length == answer.length) {
                    answer = Arrays.copyOf(answer, 2 * length);
                }
                int n = answers.read(answer, length, answer.length - length);
                if (n < 0) {
                    throw new IllegalStateException("debugfs has ended: " + text(answer, 0, length));
                }
                int unsearched = Math.max(0, length - echoOfEnd.length);
                length += n;
                ends = indexOf(answer, echoOfEnd, unsearched, length);
            } while (ends < 0);
            byte[] echo = bytes("debugfs: " + command + "\n");
            int begins = indexOf(answer, echo, 0, ends);
            if (begins < 0) {
                throw new IllegalStateException("no echo of " + command);
            }
            return Arrays.copyOfRange(answer, begins + echo.length, ends);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The entries of a directory, in the order in which they are stored. */
    List<Entry> ls(long ino) {
        byte[] listing = ask("ls -p <" + ino + ">");
        List<Entry> entries = new ArrayList<>();
        int at = 0;
        // "/inode/mode/uid/gid/name/size/" and a newline each; a name may hold anything but a slash.
        while (at < listing.length && listing[at] == '/') {
            int[] slashes = new int[ENTRY_FIELDS];
            for (int i = 0, p = at; i < ENTRY_FIELDS; p++) {
                if (listing[p] == '/') {
                    slashes[i++] = p;
                }
            }
            long entry = Long.parseLong(text(listing, slashes[0] + 1, slashes[1]));
            // Number 0 is what a directory's index looks like to those who do not know it.
            if (entry != 0) {
                entries.add(new Entry(entry, PathCodec.decode(listing, slashes[4] + 1, slashes[5] - slashes[4] - 1)));
            }
            at = slashes[6] + 2;
        }
        return entries;
    }

    /** A file. */
    Inode stat(long ino) {
        return inodes.computeIfAbsent(ino, i -> Inode.parse(ask("stat <" + i + ">")));
    }

    /** The bytes of a file, or of what a slow symbolic link says. */
    byte[] cat(Inode inode) {
        // What is stored inline comes with all of its room.
        return Arrays.copyOf(ask("cat <" + inode.ino() + ">"), Math.toIntExact(inode.size()));
    }

    /** What a symbolic link says. */
    String readlink(Inode inode) {
        String target = inode.target();
        return target != null ? target : PathCodec.decode(cat(inode));
    }

    /** What it says of the extended attributes of a file. */
    String attributes(long ino) {
        return text(ask("ea_list <" + ino + ">"));
    }

    @Override
    public void close() {
        try {
            questions.close();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static int indexOf(byte[] bytes, byte[] what, int from, int to) {
        for (int i = from; i <= to - what.length; i++) {
            if (Arrays.equals(bytes, i, i + what.length, what, 0, what.length)) {
                return i;
            }
        }
        return -1;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String text(byte[] bytes) {
        return text(bytes, 0, bytes.length);
    }

    private static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }
}
