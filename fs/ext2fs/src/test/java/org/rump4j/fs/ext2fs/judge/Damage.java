package org.rump4j.fs.ext2fs.judge;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Does to the bytes of an image what a seed says. */
final class Damage {
    private static final int MOST_DAMAGES = 4;

    /** Numbers that are wrong in interesting ways. */
    private static final long[] NUMBERS = {
        0,
        1,
        2,
        3,
        4,
        7,
        8,
        12,
        255,
        256,
        1023,
        1024,
        4096,
        0x7FFF,
        0x8000,
        0xFFFF,
        0x10000,
        0x7FFFFFFF,
        0x80000000L,
        0xFFFFFFFFL
    };

    private final Random random;
    private final Anatomy anatomy;
    private byte[] image;
    private final List<Anatomy.Region> damaged = new ArrayList<>();
    private final StringBuilder story = new StringBuilder();

    Damage(Anatomy anatomy, long seed) {
        this.anatomy = anatomy;
        // Neighbouring seeds of java.util.Random begin alike.
        this.random = new Random(seed * 0x9E3779B97F4A7C15L);
        this.image = anatomy.bytes();
    }

    /** The image, damaged. */
    byte[] inflict() {
        if (random.nextInt(40) == 0) {
            image = Arrays.copyOf(image, random.nextInt(image.length));
            story.append(" truncated to ").append(image.length);
        }
        int damages = 1 + random.nextInt(MOST_DAMAGES);
        for (int i = 0; i < damages; i++) {
            Anatomy.Region region = pick();
            if (region.offset() + region.length() <= image.length) {
                damage(region);
                damaged.add(region);
            }
        }
        // Most damage must get past the checksums to do any.
        if (random.nextInt(8) != 0) {
            for (Anatomy.Region region : damaged) {
                if (region.kind() == Anatomy.Kind.INODE) {
                    anatomy.fix(image, region);
                }
            }
            for (Anatomy.Region region : damaged) {
                anatomy.fix(image, region);
            }
        } else {
            story.append(" with wrong checksums");
        }
        return image;
    }

    /** What has been damaged. */
    List<Anatomy.Region> damaged() {
        return damaged;
    }

    /** What has been done. */
    String story() {
        return story.toString().strip();
    }

    /** A structure, each kind as likely as another. */
    private Anatomy.Region pick() {
        Anatomy.Kind[] kinds = Anatomy.Kind.values();
        while (true) {
            Anatomy.Kind kind = kinds[random.nextInt(kinds.length)];
            List<Anatomy.Region> candidates = anatomy.regions().stream()
                    .filter(region -> region.kind() == kind)
                    .toList();
            if (!candidates.isEmpty()) {
                return candidates.get(random.nextInt(candidates.size()));
            }
        }
    }

    private void damage(Anatomy.Region region) {
        ByteBuffer it =
                ByteBuffer.wrap(image, region.offset(), region.length()).slice().order(ByteOrder.LITTLE_ENDIAN);
        story.append("; ")
                .append(region.kind())
                .append(' ')
                .append(region.number())
                .append(" at ")
                .append(region.offset());
        switch (random.nextInt(12)) {
            case 0, 1 -> {
                for (int i = 1 + random.nextInt(8); i > 0; i--) {
                    int bit = random.nextInt(region.length() * Byte.SIZE);
                    it.put(bit / Byte.SIZE, (byte) (it.get(bit / Byte.SIZE) ^ 1 << bit % Byte.SIZE));
                    story.append(" bit ").append(bit);
                }
            }
            case 2, 3, 4, 5, 6 -> {
                for (int i = 1 + random.nextInt(3); i > 0; i--) {
                    field(it, region);
                }
            }
            case 7 -> {
                fill(it, 0, region.length(), random.nextBoolean() ? 0 : 0xFF);
                story.append(" filled");
            }
            case 8 -> {
                rubbish(it, 0, region.length());
                story.append(" rubbish");
            }
            case 9 -> {
                int from = random.nextInt(region.length());
                rubbish(it, from, 1 + random.nextInt(region.length() - from));
                story.append(" rubbish from ").append(from);
            }
            case 10 -> {
                Anatomy.Region other = pick();
                int length = Math.min(region.length(), Math.min(other.length(), image.length - other.offset()));
                if (length > 0) {
                    it.put(0, Arrays.copyOfRange(image, other.offset(), other.offset() + length));
                    story.append(" is now ").append(other);
                }
            }
            default -> {
                // Within the structure, something where something else was.
                int length = 1 + random.nextInt(Math.min(64, region.length() / 2));
                int from = random.nextInt(region.length() - length + 1);
                int to = random.nextInt(region.length() - length + 1);
                byte[] moved = new byte[length];
                it.get(from, moved).put(to, moved);
                story.append(" moved ").append(from).append(" to ").append(to);
            }
        }
    }

    private void field(ByteBuffer it, Anatomy.Region region) {
        // Headers are more interesting than what follows.
        int end = random.nextBoolean() ? Math.min(region.length(), 128) : region.length();
        int offset = random.nextInt(end / 4) * 4;
        long blocks = Math.max(1, image.length / anatomy.blockBytes());
        long number = switch (random.nextInt(5)) {
            case 0, 1 -> NUMBERS[random.nextInt(NUMBERS.length)];
            case 2 -> random.nextLong(blocks + 2);
            case 3 -> it.getInt(offset) + random.nextInt(-2, 3);
            default -> random.nextInt();
        };
        switch (random.nextInt(3)) {
            case 0 -> it.put(offset + random.nextInt(4), (byte) number);
            case 1 -> it.putShort(offset + 2 * random.nextInt(2), (short) number);
            default -> it.putInt(offset, (int) number);
        }
        story.append(" field ").append(offset).append(" = ").append(number);
    }

    private static void fill(ByteBuffer it, int from, int length, int value) {
        for (int i = from; i < from + length; i++) {
            it.put(i, (byte) value);
        }
    }

    private void rubbish(ByteBuffer it, int from, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        it.put(from, bytes);
    }
}
