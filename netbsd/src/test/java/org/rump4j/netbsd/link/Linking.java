package org.rump4j.netbsd.link;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.elf.ElfException;
import org.rump4j.netbsd.elf.SharedObject;
import org.rump4j.netbsd.memory.Region;
import org.rump4j.netbsd.memory.RegionException;

/** Links single objects. */
public final class Linking {
    private static final int STACK_WORDS = 256;

    private Linking() {}

    /** Has every symbol. */
    private static final LinkHost EVERYTHING = new LinkHost() {
        @Override
        public boolean has(String name) {
            return true;
        }

        @Override
        public long address(String name, @Nullable String version) {
            return 0x1000;
        }

        @Override
        public long tlsThreadOffset(TlsBlock block) {
            return -64;
        }

        @Override
        public TlsDescriptor tlsDescriptor(TlsBlock block, long offset) {
            return new TlsDescriptor(0x2000, offset);
        }

        @Override
        public long resolveIndirect(String component, long resolver) {
            return resolver;
        }
    };

    /** Brings an object into memory that is thrown away again, and names its addresses; that it is refused is as well. */
    public static void linkAndName(SharedObject object) throws ElfException {
        try (Region region = Region.reserve(64 << 20)) {
            Plan plan = new Planner(Catalogue.of(List.of()), EVERYTHING, true).plan(new Component("damaged", object));
            LinkedImages kernel = LinkedImages.link(plan, region, EVERYTHING);
            Symbolizer symbolizer = new Symbolizer(kernel);
            symbolizer.forEach(s -> symbolizer.find(s.address()));
            for (long at = 0; at < object.end() - object.begin(); at += 1 + (object.end() - object.begin()) / 50) {
                String _ = symbolizer.describe(kernel.images().getFirst().begin() + at);
            }
            unwind(kernel, object.end() - object.begin());
            kernel.linkSets("s");
        } catch (LinkException | RegionException e) {
            if (e.getMessage() == null) {
                throw new AssertionError("no message", e);
            }
        }
    }

    /** From some places, on a stack that is full of addresses of the object. */
    private static void unwind(LinkedImages kernel, long bytes) {
        long begin = kernel.images().getFirst().begin();
        MemorySegment stack = MemorySegment.ofArray(new long[STACK_WORDS]);
        for (int i = 0; i < STACK_WORDS; i++) {
            stack.setAtIndex(ValueLayout.JAVA_LONG, i, begin + bytes * i / STACK_WORDS);
        }
        for (long at = 0; at < bytes; at += 1 + bytes / 10) {
            long[] registers = new long[Unwinder.REGISTERS];
            registers[Unwinder.RIP] = begin + at;
            registers[Unwinder.RSP] = 0x10000;
            registers[Unwinder.RBP] = 0x10000;
            long[] returns = Unwinder.returns(kernel, registers, at % 2 == 0, 0x10000, stack);
            for (long address : returns) {
                Image in = kernel.imageAt(address - 1);
                if (in == null || !in.isCode(address - 1)) {
                    throw new AssertionError("0x" + Long.toHexString(address) + " is no code to return to");
                }
            }
        }
    }
}
