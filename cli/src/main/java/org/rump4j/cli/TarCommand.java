package org.rump4j.cli;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.rump4j.rump.SysStat;
import org.rump4j.rumpuser.ErrnoException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code tar(1)}, from and to images. */
final class TarCommand implements Command {
    private static final String STANDARD_STREAM = "-";
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int GZIP_MAGIC_1 = 0x1f;
    private static final int GZIP_MAGIC_2 = 0x8b;

    private final Flag create = new Flag("Make an archive of what is in images", "-c");
    private final Flag extract = new Flag("Put what is in an archive into a directory of an image", "-x");
    private final Flag list = new Flag("Show what is in an archive", "-t");
    private final Value archive =
            new Value("ARCHIVE", "The archive, a file of the host; - is standard input or output, as without -f", "-f");
    private final Flag gzip = new Flag("Compress with gzip; what is read needs no -z", "-z");
    private final Flag keep = new Flag("Leave files alone that are there already", "-k");
    private final Operands operands =
            new Operands("OPERAND", "0..*", "What to archive; the directory to extract to; members of the archive");

    @Override
    public CommandSpec spec() {
        return Commands.examples(
                Commands.spec(
                                this,
                                "tar",
                                "-c [-vz] [-f ARCHIVE] IMAGE[:/PATH]...\n-x [-kv] [-f ARCHIVE] IMAGE[:/PATH] [MEMBER]...\n-t [-v] [-f ARCHIVE] [MEMBER]...",
                                "Archives what is in images, and puts archives into them.",
                                "What is in a directory is archived below ./, a file under its own name. Archives are in POSIX's format, with extended"
                                        + " headers only where they are needed; those of V7 and GNU are read, too. Owners, by number, permissions, times to the"
                                        + " nanosecond, links, devices and holes are kept both ways.",
                                "Of an archive, members that are named are taken, or all of them. A name is a pattern, as the shell has them, except that"
                                        + " * takes slashes, too; that of a directory stands for all that is below it; ./ in front means nothing.",
                                "What an archive says is not trusted: members with .. in their names, or with a symbolic link on the way, are not"
                                        + " extracted. What is there already is replaced, except directories.")
                        .addOption(create.spec())
                        .addOption(extract.spec())
                        .addOption(list.spec())
                        .addOption(archive.spec())
                        .addOption(gzip.spec())
                        .addOption(keep.spec())
                        .addPositional(operands.spec()),
                "rump4j tar -cf home.tar disk.img:/home",
                "rump4j tar -xf rootfs.tar.gz disk.img:/",
                "rump4j tar -xf rootfs.tar.gz disk.img:/ etc/passwd 'usr/share/*.txt'",
                "rump4j tar -c disk.img:/etc | tar -t");
    }

    @Override
    public boolean tellsFiles() {
        return true;
    }

    @Override
    public void run(Run run) throws IOException, UsageException {
        int modes = (create.isSet() ? 1 : 0) + (extract.isSet() ? 1 : 0) + (list.isSet() ? 1 : 0);
        if (modes != 1) {
            throw new UsageException("one of -c, -t and -x is needed");
        }
        List<String> texts = operands.texts();
        if ((create.isSet() && texts.isEmpty()) || (extract.isSet() && texts.isEmpty())) {
            throw new UsageException(create.isSet() ? "what shall be archived?" : "which directory of which image?");
        }
        if (create.isSet()) {
            create(run);
        } else if (extract.isSet()) {
            Members members = new Members(texts.subList(1, texts.size()));
            run.change(texts.subList(0, 1), (image, file) -> extract(run, image, file, members));
        } else {
            list(run, new Members(texts));
        }
    }

    private String archiveName() {
        String name = archive.text();
        return name == null ? STANDARD_STREAM : name;
    }

    private boolean isStandardStream() {
        return archiveName().equals(STANDARD_STREAM);
    }

    private void create(Run run) throws IOException, UsageException {
        try (TarWriter writer = new TarWriter(output(run))) {
            TarCreator creator = new TarCreator(run, writer);
            for (String text : operands.texts()) {
                run.stopIfAsked();
                Operand.InImage file = Operand.inImage(text);
                Image image = run.image(file);
                if (image != null) {
                    try {
                        creator.add(Node.of(image, file, true));
                    } catch (ErrnoException e) {
                        run.fail(text, e);
                    }
                }
            }
        } catch (IOException e) {
            if (isStandardStream()) {
                throw e;
            }
            run.fail(archiveName(), HostErrors.translated(e));
        } catch (ErrnoException e) {
            run.fail(archiveName(), e);
        }
    }

    private void extract(Run run, Image image, Operand.InImage directory, Members members)
            throws IOException, ErrnoException {
        try (TarExtractor extractor = new TarExtractor(run, image, directory.path(), keep.isSet());
                InputStream in = input(run)) {
            TarReader reader = new TarReader(in);
            for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
                run.stopIfAsked();
                if (!members.include(entry.name())) {
                    continue;
                }
                try {
                    extractor.extract(entry, reader);
                    run.done(entry.name());
                } catch (ErrnoException e) {
                    run.fail(entry.name(), e);
                }
            }
            extractor.finish();
            members.sayMissing(run);
        } catch (IOException e) {
            run.fail(shownArchive(), HostErrors.translated(e));
        }
    }

    private void list(Run run, Members members) throws IOException {
        Dates dates = new Dates();
        try (InputStream in = input(run)) {
            TarReader reader = new TarReader(in);
            for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
                run.stopIfAsked();
                if (members.include(entry.name())) {
                    show(run.out(), entry, run.settings().tells(), dates);
                }
            }
            members.sayMissing(run);
        } catch (IOException e) {
            run.fail(shownArchive(), HostErrors.translated(e));
        } catch (ErrnoException e) {
            run.fail(shownArchive(), e);
        }
    }

    private String shownArchive() {
        return isStandardStream() ? "(standard input)" : archiveName();
    }

    private static void show(Output out, TarEntry entry, boolean all, Dates dates) throws IOException {
        if (all) {
            String size = Modes.isDevice(entry.fullMode())
                    ? SysStat.major(entry.rdev()) + "," + SysStat.minor(entry.rdev())
                    : Long.toString(entry.size());
            out.print(Modes.text(entry.fullMode()))
                    .print(" " + Integer.toUnsignedString(entry.uid()) + "/" + Integer.toUnsignedString(entry.gid()))
                    .print(" ".repeat(Math.max(1, 12 - size.length())) + size + " ")
                    .print(dates.brief(entry.mtime()))
                    .print(" ");
        }
        out.name(entry.name());
        if (all && entry.type() == TarEntry.SYMLINK) {
            out.print(" -> ").name(entry.link());
        } else if (all && entry.type() == TarEntry.LINK) {
            out.print(" link to ").name(entry.link());
        }
        out.println();
    }

    private OutputStream output(Run run) throws IOException, ErrnoException {
        OutputStream plain = isStandardStream()
                ? new StandardOutput(run.out())
                : Files.newOutputStream(HostPath.checked(archiveName()));
        return gzip.isSet() ? new GZIPOutputStream(plain, BUFFER_BYTES) : plain;
    }

    private InputStream input(Run run) throws IOException, ErrnoException {
        InputStream plain =
                isStandardStream() ? new StandardInput(run) : Files.newInputStream(HostPath.checked(archiveName()));
        BufferedInputStream buffered = new BufferedInputStream(plain, BUFFER_BYTES);
        buffered.mark(2);
        boolean zipped = buffered.read() == GZIP_MAGIC_1 && buffered.read() == GZIP_MAGIC_2;
        buffered.reset();
        return zipped ? new GZIPInputStream(buffered, BUFFER_BYTES) : buffered;
    }

    /** As a stream that closing does not close. */
    private static final class StandardOutput extends OutputStream {
        private final Output out;

        StandardOutput(Output out) {
            this.out = out;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(ByteBuffer.wrap(bytes, offset, length));
        }
    }

    /** Likewise. */
    private static final class StandardInput extends InputStream {
        private final Run run;

        StandardInput(Run run) {
            this.run = run;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            return length == 0 ? 0 : run.read(ByteBuffer.wrap(into, offset, length));
        }
    }
}
