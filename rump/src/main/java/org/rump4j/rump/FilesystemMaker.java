package org.rump4j.rump;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.rump4j.rumpuser.Errno;
import org.rump4j.rumpuser.ErrnoException;

/**
 * What makes empty file systems of some types, as {@code newfs(8)} does; found by {@link ServiceLoader}. It needs no kernel, and touches
 * nothing but what it is given to write to.
 */
public interface FilesystemMaker {
    /** The types, as users call them. */
    List<String> types();

    /**
     * Works out what a file system is going to look like.
     *
     * @throws ErrnoException EINVAL where it cannot be had so: the detail says what to change, and calls it what the options of
     *     {@code newfs(8)} are called
     */
    Plan plan(NewFilesystem wanted) throws ErrnoException;

    /**
     * The maker of a type.
     *
     * @throws ErrnoException EINVAL where there is none
     */
    static FilesystemMaker of(String type) throws ErrnoException {
        List<String> known = new ArrayList<>();
        for (FilesystemMaker maker : ServiceLoader.load(FilesystemMaker.class)) {
            if (maker.types().contains(type)) {
                return maker;
            }
            known.addAll(maker.types());
        }
        throw Errno.EINVAL.exception("-t " + type + ": what can be made is " + String.join(", ", known));
    }

    /** A file system that is not there yet. */
    interface Plan {
        /** Bytes that it takes of its device; a little less than were wanted where the rest is of no use. */
        long sizeBytes();

        /** Bytes of a block. */
        int blockBytes();

        /** Blocks that files can have, what is kept for the superuser included. */
        long freeBlocks();

        /** Files that there can be. */
        long freeInodes();

        /** What it is, in the words of {@code newfs(8)}: lines without their ends. */
        List<String> description();

        /** What the numbers of {@link #backups} are for, with a colon at the end. */
        String backupsTitle();

        /** Where copies of the superblock are, in whatever its checker counts. */
        List<Long> backups();

        /**
         * Writes it. What makes a file system of it is written last.
         *
         * @throws ErrnoException what the sink throws
         */
        void write(Sink sink) throws ErrnoException;
    }

    /** Where a file system is written. */
    interface Sink {
        /**
         * Writes.
         *
         * @param offset byte of the device
         * @throws ErrnoException what the device gives
         */
        void write(MemorySegment from, long offset) throws ErrnoException;

        /**
         * Makes zeros of what is there. Where nothing has ever been written there is nothing to do.
         *
         * @throws ErrnoException what the device gives
         */
        void zero(long offset, long bytes) throws ErrnoException;
    }
}
