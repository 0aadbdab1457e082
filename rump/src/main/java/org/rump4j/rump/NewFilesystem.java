package org.rump4j.rump;

import java.util.ArrayList;
import java.util.List;

/** What a file system shall be like that is to be made. What is not said is for the {@link FilesystemMaker} to choose. */
public final class NewFilesystem {
    private static final int SECTOR_BYTES = 512;
    private static final int ID_BYTES = 16;

    private final String type;
    private final long sizeBytes;
    private int sectorBytes = SECTOR_BYTES;
    private int blockBytes;
    private long bytesPerInode;
    private long inodes;
    private int inodeBytes;
    private double reservedPercent = -1;
    private String label = "";
    private byte[] uuid = new byte[ID_BYTES];
    private byte[] hashSeed = new byte[ID_BYTES];
    private final List<String> features = new ArrayList<>();
    private int rootUid;
    private int rootGid;
    private Timespec time = Timespec.ZERO;

    /**
     * One of which nothing is known yet but what it is and how large.
     *
     * @param type one of {@link FilesystemMaker#types}
     * @param sizeBytes of the device, or how much of it shall be used
     */
    public NewFilesystem(String type, long sizeBytes) {
        this.type = type;
        this.sizeBytes = sizeBytes;
    }

    /** Its type. */
    public String type() {
        return type;
    }

    /** Bytes that it may take. */
    public long sizeBytes() {
        return sizeBytes;
    }

    /** Bytes of a sector of the device. */
    public int sectorBytes() {
        return sectorBytes;
    }

    /** Sets {@link #sectorBytes}; 512 otherwise. */
    public NewFilesystem sectorBytes(int bytes) {
        sectorBytes = bytes;
        return this;
    }

    /** Bytes of a block; 0 for what suits the size. */
    public int blockBytes() {
        return blockBytes;
    }

    /** Sets {@link #blockBytes}. */
    public NewFilesystem blockBytes(int bytes) {
        blockBytes = bytes;
        return this;
    }

    /** There shall be an inode for so many bytes; 0 for what suits the size. */
    public long bytesPerInode() {
        return bytesPerInode;
    }

    /** Sets {@link #bytesPerInode}. */
    public NewFilesystem bytesPerInode(long bytes) {
        bytesPerInode = bytes;
        return this;
    }

    /** How many inodes there shall be at least; 0 for as many as {@link #bytesPerInode} makes. */
    public long inodes() {
        return inodes;
    }

    /** Sets {@link #inodes}. */
    public NewFilesystem inodes(long count) {
        inodes = count;
        return this;
    }

    /** Bytes of an inode; 0 for the usual. */
    public int inodeBytes() {
        return inodeBytes;
    }

    /** Sets {@link #inodeBytes}. */
    public NewFilesystem inodeBytes(int bytes) {
        inodeBytes = bytes;
        return this;
    }

    /** Per cent of the blocks that only the superuser may have; negative for the usual. */
    public double reservedPercent() {
        return reservedPercent;
    }

    /** Sets {@link #reservedPercent}. */
    public NewFilesystem reservedPercent(double percent) {
        reservedPercent = percent;
        return this;
    }

    /** Its name, as {@link PathCodec} maps names; empty for none. */
    public String label() {
        return label;
    }

    /** Sets {@link #label}. */
    public NewFilesystem label(String text) {
        label = text;
        return this;
    }

    /** What tells it from all others: 16 bytes (RFC 9562). */
    public byte[] uuid() {
        return uuid.clone();
    }

    /** Sets {@link #uuid}; zeros otherwise. */
    public NewFilesystem uuid(byte[] bytes) {
        uuid = bytes.clone();
        return this;
    }

    /** What hashes of names begin with: 16 bytes, which nobody should be able to guess. */
    public byte[] hashSeed() {
        return hashSeed.clone();
    }

    /** Sets {@link #hashSeed}; zeros otherwise. */
    public NewFilesystem hashSeed(byte[] bytes) {
        hashSeed = bytes.clone();
        return this;
    }

    /** Names of features that it shall have beside those of its type; with a circumflex before it, one that it shall not have. */
    public List<String> features() {
        return List.copyOf(features);
    }

    /** Adds to {@link #features}. */
    public NewFilesystem feature(String name) {
        features.add(name);
        return this;
    }

    /** Whom the root belongs to. */
    public int rootUid() {
        return rootUid;
    }

    /** The group that the root belongs to. */
    public int rootGid() {
        return rootGid;
    }

    /** Sets {@link #rootUid} and {@link #rootGid}; those of the superuser otherwise. */
    public NewFilesystem rootOwner(int uid, int gid) {
        rootUid = uid;
        rootGid = gid;
        return this;
    }

    /** When it is made. */
    public Timespec time() {
        return time;
    }

    /** Sets {@link #time}; the beginning of 1970 otherwise. */
    public NewFilesystem time(Timespec now) {
        time = now;
        return this;
    }
}
