package org.rump4j.fs.ext2fs;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** What was done to a disk, in order: any state that a power cut could have left can be made of it. */
final class WriteLog {
    private final byte[] base;
    private final List<Event> events;

    /** @param base what was on the disk before */
    WriteLog(byte[] base, List<Event> events) {
        this.base = base;
        this.events = events;
    }

    /** How much happened. */
    int size() {
        return events.size();
    }

    /** What was done. */
    sealed interface Event {}

    /** A request to write. */
    static final class Write implements Event {
        private final int offset;
        private final byte[] data;

        Write(int offset, byte[] data) {
            this.offset = offset;
            this.data = data;
        }
    }

    /** What was written before is durable. */
    record Flush() implements Event {}

    /** What becomes of requests after the last flush. */
    enum Loss {
        /** All are done. */
        NOTHING,
        /** None is. */
        EVERYTHING,
        /** Each is done, or is not, or some of its blocks are written. */
        SOMETHING
    }

    /**
     * What is on the disk when the power goes after so many events.
     *
     * @param unit bytes that are written as a whole or not at all
     */
    byte[] left(int position, Loss loss, int unit, Random random) {
        byte[] image = base.clone();
        int flushed = 0;
        for (int i = 0; i < position; i++) {
            if (events.get(i) instanceof Flush) {
                flushed = i;
            }
        }
        for (int i = 0; i < position; i++) {
            if (events.get(i) instanceof Write write) {
                boolean whole = i < flushed || loss == Loss.NOTHING || (loss == Loss.SOMETHING && random.nextBoolean());
                boolean torn = !whole && loss == Loss.SOMETHING && random.nextBoolean();
                for (int at = 0; (whole || torn) && at < write.data.length; at += unit) {
                    if (whole || random.nextBoolean()) {
                        int bytes = Math.min(unit, write.data.length - at);
                        System.arraycopy(write.data, at, image, write.offset + at, bytes);
                    }
                }
            }
        }
        return image;
    }

    /** What is on the disk in the end. */
    byte[] end() {
        return left(events.size(), Loss.NOTHING, 1, new Random(0));
    }

    /** The same, had nobody ever flushed. Positions stay the same. */
    WriteLog withoutFlushes() {
        List<Event> other = new ArrayList<>(events);
        other.replaceAll(event -> event instanceof Flush ? new Write(0, new byte[0]) : event);
        return new WriteLog(base, other);
    }

    /** The same, had the requests between each two flushes changed places with those after the second. Positions stay the same. */
    WriteLog withStagesSwapped() {
        List<List<Event>> stages = new ArrayList<>();
        List<Event> stage = new ArrayList<>();
        for (Event event : events) {
            if (event instanceof Flush) {
                stages.add(stage);
                stage = new ArrayList<>();
            } else {
                stage.add(event);
            }
        }
        List<Event> other = new ArrayList<>();
        for (int i = 0; i < stages.size(); i++) {
            int from = i ^ 1;
            other.addAll(stages.get(from < stages.size() ? from : i));
            other.add(new Flush());
        }
        other.addAll(stage);
        return new WriteLog(base, other);
    }
}
