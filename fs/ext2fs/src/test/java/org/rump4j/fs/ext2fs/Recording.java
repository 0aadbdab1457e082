package org.rump4j.fs.ext2fs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.SysMount;
import org.rump4j.rumpuser.ErrnoException;

/**
 * What a kernel did to a disk while programs worked on it, and what they were promised.
 *
 * @param blockBytes what is written as a whole or not at all
 */
record Recording(WriteLog log, List<Ledger> ledgers, int blockBytes, boolean journal) {
    private static final int RUBBISH = 0xA5;

    /** A new file system, in whose free blocks there is something that nobody has written. */
    static byte[] image(Path directory, String size, List<String> options) throws IOException {
        Path file = directory.resolve("new");
        byte[] rubbish = new byte[Integer.parseInt(size.replace("M", "")) << 20];
        Arrays.fill(rubbish, (byte) RUBBISH);
        Files.write(file, rubbish);
        List<String> all = new ArrayList<>(options);
        all.addAll(List.of("-E", "nodiscard,lazy_itable_init=0"));
        Tools.mke2fs(file, size, all.toArray(String[]::new));
        return Files.readAllBytes(file);
    }

    /** Runs workloads, each in a thread of its own, if there are several, and halts the kernel. */
    static Recording of(byte[] image, List<Workload> workloads, long seed, boolean reusesAtOnce) throws Exception {
        RecordedDisk disk = new RecordedDisk(image);
        List<Ledger> ledgers = new ArrayList<>();
        try (CrashMachine machine = new CrashMachine()) {
            machine.mount(disk);
            Ext2fs fs = machine.mounted();
            if (fs.writingIfAny() == null) {
                throw new AssertionError("mounted read-only: " + machine.console());
            }
            Writing writing = fs.writing();
            Runnable afterChange = reusesAtOnce ? writing.allocator::committed : () -> {};
            List<CrashMachine.Task> tasks = new ArrayList<>();
            for (int i = 0; i < workloads.size(); i++) {
                Workload workload = workloads.get(i);
                String dir = "/w" + i;
                Ledger ledger = new Ledger(disk::position, (i + 1) * 1000);
                ledgers.add(ledger);
                CrashWork work = new CrashWork(machine.sys, ledger, new Random(seed + i), afterChange);
                work.mkdir(dir);
                work.put(dir + "-untouched", 5000, true);
                tasks.add(() -> workload.run(work, dir));
            }
            if (tasks.size() == 1) {
                tasks.getFirst().run();
            } else {
                machine.together(tasks);
            }
            int blockBytes = fs.volume().superblock().blockBytes;
            boolean journal = fs.volume().superblock().has(Feature.HAS_JOURNAL);
            machine.halt();
            return new Recording(disk.log(), ledgers, blockBytes, journal);
        }
    }

    Recording with(WriteLog other) {
        return new Recording(other, ledgers, blockBytes, journal);
    }

    /** What the disk has when the power goes. */
    byte[] cut(int position, WriteLog.Loss loss, long seed) {
        return log.left(position, loss, blockBytes, new Random(seed));
    }

    /**
     * What is wrong with a disk after a power cut and a repair; nothing where all is as it should be. With a journal playing it back is all
     * the repair that is needed: by e2fsck, or by mounting.
     */
    List<String> faults(int position, byte[] left, Path directory, CrashMachine judge, boolean thorough)
            throws IOException, ErrnoException {
        Path file = directory.resolve("cut");
        Files.write(file, left);
        List<String> faults = new ArrayList<>();
        String repair = "";
        try {
            if (!journal) {
                repair = Tools.run("e2fsck", "-fy", file.toString());
            } else if (position % 2 == 0) {
                repair = Tools.run("e2fsck", "-p", file.toString());
            } else {
                Files.write(file, mounted(left, judge));
            }
            if (journal || thorough) {
                repair += Tools.run("e2fsck", "-fn", file.toString());
            }
        } catch (IOException e) {
            faults.add(repair + e.getMessage());
        }
        Map<String, byte @Nullable []> found = found(Files.readAllBytes(file), judge);
        if (thorough) {
            faults.addAll(differences(file, found));
        }
        Map<String, byte @Nullable []> unknown = new TreeMap<>(found);
        for (Ledger ledger : ledgers) {
            faults.addAll(ledger.faults(position, journal, unknown));
        }
        unknown.keySet().removeIf(path -> path.startsWith("/lost+found") && (!journal || path.equals("/lost+found")));
        unknown.keySet().forEach(path -> faults.add(path + " was never made"));
        if (!faults.isEmpty()) {
            faults.add(repair);
        }
        return faults;
    }

    /** What a disk has after it has been mounted and unmounted. */
    private static byte[] mounted(byte[] image, CrashMachine judge) throws ErrnoException {
        RecordedDisk disk = new RecordedDisk(image);
        judge.mount(disk);
        if (judge.mounted().writingIfAny() == null) {
            throw new AssertionError("mounted read-only: " + judge.console());
        }
        judge.unmount();
        return disk.log().end();
    }

    private static Map<String, byte @Nullable []> found(byte[] image, CrashMachine judge) throws ErrnoException {
        judge.mount(new RecordedDisk(image), SysMount.MNT_RDONLY);
        try {
            return judge.tree("");
        } finally {
            judge.unmount();
        }
    }

    /** Where debugfs sees something else. */
    private static List<String> differences(Path image, Map<String, byte @Nullable []> found) throws IOException {
        Path out = Files.createTempDirectory(image.getParent(), "dump");
        Tools.run("debugfs", "-R", "rdump / " + out, image.toString());
        List<String> differences = new ArrayList<>();
        for (Map.Entry<String, byte @Nullable []> entry : found.entrySet()) {
            Path path = out.resolve(entry.getKey().substring(1));
            byte[] content = entry.getValue();
            boolean same = content == null
                    ? Files.isDirectory(path)
                    : Files.isRegularFile(path) && Arrays.equals(content, Files.readAllBytes(path));
            if (!same) {
                differences.add("debugfs sees something else at " + entry.getKey());
            }
        }
        try (var all = Files.walk(out)) {
            for (Path path : all.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(path);
            }
        }
        return differences;
    }
}
