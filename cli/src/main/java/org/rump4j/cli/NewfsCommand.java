package org.rump4j.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.rump4j.rump.FilesystemMaker;
import org.rump4j.rump.NewFilesystem;
import org.rump4j.rump.Timespec;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;
import org.rump4j.rumpuser.real.RealHost;
import picocli.CommandLine.Model.CommandSpec;

/** {@code newfs(8)}: makes a file system, and fills it. */
final class NewfsCommand implements Command {
    /** When everything has been made, for whoever wants the same bytes each time (reproducible-builds.org). */
    private static final String EPOCH = "SOURCE_DATE_EPOCH";

    private static final String DEFAULT_TYPE = "ext2";
    private static final Pattern UUID_TEXT = Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");
    private static final int ID_BYTES = 16;
    private static final int VERSION_BYTE = 6;
    private static final int VARIANT_BYTE = 8;

    private final Value size = new Value(
            "SIZE",
            "Size: bytes, or with a letter k, m, g or t. Without it, that of the image that is there, or what the tree needs and a"
                    + " tenth more",
            "-s",
            "--size");
    private final Value tree =
            new Value("TREE", "Fill it with what is in this directory of the host", "-d", "--directory");
    private final Value blockBytes = new Value("BYTES", "Bytes of a block: 1024, 2048, 4096, ... 65536", "-b");
    private final Value bytesPerInode = new Value("BYTES", "Make an inode for so many bytes", "-i");
    private final Value inodes = new Value("COUNT", "Make so many inodes, or a few more", "-N");
    private final Value inodeBytes = new Value("BYTES", "Bytes of an inode (default: 256)", "-I");
    private final Value reserved = new Value("PERCENT", "Keep so much for the superuser (default: 5)", "-m");
    private final Value label = new Value("LABEL", "Name of the file system", "-L");
    private final Value uuid = new Value("UUID", "Its identifier; random (the default); or clear for none", "-U");
    private final Value features = new Value(
            "FEATURES",
            "Features that it shall have, with commas between; ^FEATURE for one that it shall not have, none for no more than"
                    + " follow",
            "-O");
    private final Value extended =
            new Value("OPTIONS", "hash_seed=UUID, root_owner=UID:GID, with commas between", "-E");
    private final Flag force = new Flag("Make it over what is there", "-f", "-F");
    private final Flag dry = new Flag("Show what would be made, and make nothing", "-n");
    private final Flag quiet = new Flag("Print nothing", "-q");
    private final Operands image = new Operands("IMAGE", "1", "A file, which need not be there, or a device");

    /** What the user wants beside a size, put into words for a maker. */
    private record Options(
            int blockBytes,
            long bytesPerInode,
            long inodes,
            int inodeBytes,
            double reserved,
            UUID uuid,
            UUID hashSeed,
            @Nullable Owner rootOwner,
            Timespec time,
            boolean timeStands) {}

    private record Owner(int uid, int gid) {}

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(
                                this,
                                "newfs",
                                "[-fnq] [-t TYPE] [-s SIZE] [-d TREE] [OPTIONS] IMAGE",
                                "Makes a file system in an image, and fills it.",
                                "TYPE is ext2 (the default) or ext4, which has no journal here. What is not said is chosen as mke2fs does: small"
                                        + " file systems get blocks of 1 KiB, those from 512 MiB on blocks of 4 KiB. Of a file that is new only"
                                        + " what is needed is written.",
                                "With -d, files keep owners, permissions, times, holes and names that are links to one another; sockets are left"
                                        + " out, and said to be. Where something cannot be copied, newfs fails; it then leaves no image where there"
                                        + " was none.",
                                "What is there already is made over with -f only, unless it is nothing but zeros.",
                                "Where the variable SOURCE_DATE_EPOCH has a time, in seconds since 1970, this is when everything is made, and no"
                                        + " file is younger; with -U, the same options and the same tree make the same bytes then.")
                        .addOption(size.spec())
                        .addOption(tree.spec())
                        .addOption(blockBytes.spec())
                        .addOption(bytesPerInode.spec())
                        .addOption(inodes.spec())
                        .addOption(inodeBytes.spec())
                        .addOption(reserved.spec())
                        .addOption(label.spec())
                        .addOption(uuid.spec())
                        .addOption(features.spec())
                        .addOption(extended.spec())
                        .addOption(force.spec())
                        .addOption(dry.spec())
                        .addOption(quiet.spec())
                        .addPositional(image.spec()),
                "rump4j newfs -s 64m disk.img",
                "rump4j newfs -d rootfs -L root disk.img",
                "rump4j newfs -n -s 4t -t ext4 disk.img");
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        String name = image.texts().getFirst();
        Options options = options(run);
        FilesystemMaker.Plan plan;
        Path source;
        try {
            source = tree();
            plan = plan(run, options, source, NewImageFile.size(name));
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EINVAL && e.detail() != null) {
                throw new UsageException(e.detail());
            }
            run.fail(e.errno() == Errno.EISDIR ? name : String.valueOf(tree.text()), e);
            return;
        }
        if (!dry.isSet()) {
            make(run, name, plan, options, source);
        }
        if (!quiet.isSet() && run.status() == Run.OK) {
            describe(run, name, plan);
        }
    }

    private @Nullable Path tree() throws ErrnoException {
        String text = tree.text();
        if (text == null) {
            return null;
        }
        Path path = HostPath.checked(text);
        if (!Files.isDirectory(path)) {
            throw (HostPath.exists(text) ? Errno.ENOTDIR : Errno.ENOENT).exception();
        }
        return path;
    }

    // What is wanted

    private Options options(Run run) throws UsageException {
        String epoch = run.stdio().variable(EPOCH);
        if (!epoch.matches("[0-9]{0,11}")) {
            throw new UsageException(EPOCH + "=" + epoch + ": not a time in seconds since 1970");
        }
        boolean stands = !epoch.isEmpty();
        Timespec now =
                stands ? new Timespec(Long.parseLong(epoch), 0) : new Timespec(System.currentTimeMillis() / 1000, 0);
        UUID id = uuid.text() == null || "random".equals(uuid.text()) ? random() : identifier(uuid);
        UUID seed = null;
        Owner owner = null;
        for (String given : split(extended.all())) {
            String[] pair = given.split("=", 2);
            String value = pair.length == 2 ? pair[1] : "";
            switch (pair[0]) {
                case "hash_seed" -> seed = uuid(value, "-E " + given);
                case "root_owner" -> owner = owner(value, "-E " + given);
                default -> throw new UsageException("-E " + given + ": there is hash_seed and root_owner");
            }
        }
        if (seed == null) {
            // What is to be the same each time begins with nothing that is not.
            seed = stands && uuid.text() != null ? UUID.nameUUIDFromBytes(bytes(id)) : random();
        }
        return new Options(
                blockBytes.number(1, 0),
                bytes(bytesPerInode),
                inodes.number(1, 0),
                inodeBytes.number(1, 0),
                percent(),
                id,
                seed,
                owner,
                now,
                stands);
    }

    private static List<String> split(List<String> given) {
        List<String> words = new ArrayList<>();
        for (String text : given) {
            words.addAll(List.of(text.split(",", -1)));
        }
        return words;
    }

    private double percent() throws UsageException {
        String text = reserved.text();
        if (text == null) {
            return -1;
        }
        if (!text.matches("[0-9]{1,9}(\\.[0-9]{1,9})?")) {
            throw new UsageException("-m " + text + ": not a number of per cent");
        }
        return Double.parseDouble(text);
    }

    private static UUID random() {
        byte[] bytes = new byte[ID_BYTES];
        RealHost.create().getrandom(bytes, 0);
        // Version 4: random (RFC 9562, section 5.4).
        bytes[VERSION_BYTE] = (byte) ((bytes[VERSION_BYTE] & 0x0F) | 0x40);
        bytes[VARIANT_BYTE] = (byte) ((bytes[VARIANT_BYTE] & 0x3F) | 0x80);
        ByteBuffer longs = ByteBuffer.wrap(bytes);
        return new UUID(longs.getLong(), longs.getLong());
    }

    private static UUID identifier(Value value) throws UsageException {
        String text = String.valueOf(value.text());
        return text.equals("clear") ? new UUID(0, 0) : uuid(text, "-U " + text);
    }

    private static UUID uuid(String text, String option) throws UsageException {
        if (!UUID_TEXT.matcher(text).matches()) {
            throw new UsageException(option + ": not a UUID such as 123e4567-e89b-12d3-a456-426614174000");
        }
        return UUID.fromString(text);
    }

    private static byte[] bytes(UUID id) {
        return ByteBuffer.allocate(ID_BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }

    private static Owner owner(String text, String option) throws UsageException {
        if (!text.matches("[0-9]{1,9}:[0-9]{1,9}")) {
            throw new UsageException(option + ": not two numbers such as 0:0");
        }
        int colon = text.indexOf(':');
        return new Owner(Integer.parseInt(text.substring(0, colon)), Integer.parseInt(text.substring(colon + 1)));
    }

    private static long bytes(Value value) throws UsageException {
        String text = value.text();
        if (text == null) {
            return 0;
        }
        Long number = Sizes.parse(text);
        if (number == null || number == 0) {
            throw new UsageException(value.spec().longestName() + " " + text + ": not a size such as 64k, 64m or 1g");
        }
        return number;
    }

    private FilesystemMaker.Plan plan(Run run, Options options, @Nullable Path source, long there)
            throws ErrnoException, UsageException {
        String type = run.settings().type();
        String made = type == null ? DEFAULT_TYPE : type;
        FilesystemMaker maker = FilesystemMaker.of(made);
        long wanted = bytes(size);
        if (wanted == 0) {
            wanted = there;
        }
        if (wanted != 0) {
            return maker.plan(wanted(made, wanted, options, 0));
        }
        if (source == null) {
            throw new UsageException("how large? -s SIZE, or -d TREE to fill it with");
        }
        TreeSize needs = TreeSize.of(source);
        return needs.fit(maker, bytes -> wanted(made, bytes, options, needs.files()));
    }

    /** @param files as many there will be at least, where it is for the maker to choose how many there can be */
    private NewFilesystem wanted(String type, long bytes, Options options, long files) {
        NewFilesystem wanted = new NewFilesystem(type, bytes)
                .blockBytes(options.blockBytes)
                .bytesPerInode(options.bytesPerInode)
                .inodes(options.inodes)
                .inodeBytes(options.inodeBytes)
                .reservedPercent(options.reserved)
                .uuid(bytes(options.uuid))
                .hashSeed(bytes(options.hashSeed))
                .time(options.time);
        String name = label.text();
        if (name != null) {
            wanted.label(name);
        }
        Owner owner = options.rootOwner;
        if (owner != null) {
            wanted.rootOwner(owner.uid, owner.gid);
        }
        for (String feature : split(features.all())) {
            wanted.feature(feature);
        }
        if (options.inodes == 0 && options.bytesPerInode == 0 && files > bytes / (8 << 10)) {
            wanted.inodes(files + files / 8 + ID_BYTES);
        }
        return wanted;
    }

    // Making it

    private void make(Run run, String name, FilesystemMaker.Plan plan, Options options, @Nullable Path source)
            throws IOException, UsageException {
        NewImageFile file = null;
        try {
            String there = force.isSet() ? null : NewImageFile.contents(name);
            if (there != null) {
                run.fail(name, "there is " + there + ", which -f would make over");
                return;
            }
            file = NewImageFile.open(name);
            try (NewImageFile open = file) {
                plan.write(open);
                open.finish(plan.sizeBytes());
                if (source == null) {
                    open.flush();
                }
            }
            if (source != null) {
                fill(run, name, options, source);
            }
            if (run.status() == Run.OK) {
                file.keep();
            }
        } catch (ErrnoException e) {
            run.fail(name, e);
        } finally {
            if (file != null) {
                file.removeUnlessKept();
            }
        }
    }

    /** Copies the tree, and writes all of it back. */
    private void fill(Run run, String name, Options options, Path source) throws IOException, UsageException {
        if (options.timeStands) {
            run.settings().stopTime(options.time.sec());
        }
        Image mounted = run.writable(new Operand.InImage(name, "/", name));
        if (mounted == null) {
            return;
        }
        try {
            String from = Files.isSymbolicLink(source)
                    ? HostPath.fromJvm(source.toRealPath().toString())
                    : String.valueOf(tree.text());
            Copies.How all = new Copies.How(true, true, false, false);
            new TreeCopy(run, new ImageTarget(mounted), all, true)
                    .allOrNothing(options.timeStands ? options.time : null)
                    .fromHost(from, "/", mounted);
            Owner owner = options.rootOwner;
            if (owner != null) {
                mounted.sys().chown("/", owner.uid, owner.gid);
            }
        } catch (ErrnoException e) {
            run.fail(name, e);
        } catch (StoppedException e) {
            run.status(Run.FAILED);
        }
        run.close();
    }

    private static void describe(Run run, String name, FilesystemMaker.Plan plan) throws IOException {
        List<String> lines = plan.description();
        run.out().name(name).print(": ").println(lines.getFirst());
        for (String line : lines.subList(1, lines.size())) {
            run.out().print("\t").println(line);
        }
        List<Long> backups = plan.backups();
        if (backups.isEmpty()) {
            return;
        }
        run.out().println(plan.backupsTitle());
        StringBuilder row = new StringBuilder();
        for (int i = 0; i < backups.size(); i++) {
            String number = backups.get(i) + (i + 1 < backups.size() ? "," : "");
            if (row.length() + 1 + number.length() > run.stdio().columns()) {
                run.out().println(row.toString());
                row.setLength(0);
            }
            row.append(row.isEmpty() ? "" : " ").append(number);
        }
        run.out().println(row.toString());
    }
}
