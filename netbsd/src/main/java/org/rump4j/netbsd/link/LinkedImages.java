package org.rump4j.netbsd.link;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rump4j.netbsd.elf.ElfException;
import org.rump4j.netbsd.elf.FunctionArray;
import org.rump4j.netbsd.elf.LinkSet;
import org.rump4j.netbsd.elf.Segment;
import org.rump4j.netbsd.elf.SharedObject;
import org.rump4j.netbsd.elf.SymbolTable;
import org.rump4j.netbsd.memory.Region;
import org.rump4j.netbsd.memory.RegionException;

/**
 * A kernel in memory: relocated, code executable and not writable, what is constant read-only. Nothing of it has been called, but
 * functions that choose functions where the host calls those. It is there as long as its region is.
 */
public final class LinkedImages {
    private final Plan plan;
    private final Region region;
    private final List<Image> images;
    private final List<TlsBlock> tls;
    private final List<InitFunction> initFunctions;
    private final List<InitFunction> finiFunctions;

    private LinkedImages(Plan plan, Region region, List<Image> images, List<TlsBlock> tls) throws LinkException {
        this.plan = plan;
        this.region = region;
        this.images = images;
        this.tls = tls;
        List<InitFunction> init = new ArrayList<>();
        List<InitFunction> fini = new ArrayList<>();
        for (int i = 0; i < plan.count(); i++) {
            Image image = images.get(plan.initPlace(i));
            SharedObject object = image.component().object();
            add(init, image, "DT_INIT", object.init() == 0 ? 0 : image.bias() + object.init());
            addAll(init, image, "DT_INIT_ARRAY", object.initArray());
        }
        for (int i = plan.count() - 1; i >= 0; i--) {
            Image image = images.get(plan.initPlace(i));
            SharedObject object = image.component().object();
            List<InitFunction> array = new ArrayList<>();
            addAll(array, image, "DT_FINI_ARRAY", object.finiArray());
            fini.addAll(array.reversed());
            add(fini, image, "DT_FINI", object.fini() == 0 ? 0 : image.bias() + object.fini());
        }
        initFunctions = List.copyOf(init);
        finiFunctions = List.copyOf(fini);
    }

    /**
     * Brings a plan into memory.
     *
     * @param region has room; what is put into it stays there also where this fails
     * @param host the one that the plan was made with, or one that has the same symbols
     * @throws LinkException where the host does not have what it was planned to, a number does not fit, or a component makes no sense in
     *     this company
     * @throws ElfException where a file is another now, or its relocations make no sense
     * @throws RegionException where there is not enough room, or the operating system does not map what it is to
     */
    public static LinkedImages link(Plan plan, Region region, LinkHost host)
            throws LinkException, ElfException, RegionException {
        List<Plan.Member> members = plan.members();
        int count = members.size();
        long[] hostAddresses = hostAddresses(plan, host);
        Loader[] loaders = new Loader[count];
        SymbolTable[] tables = new SymbolTable[count];
        List<Image> images = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Component component = members.get(i).component();
            SharedObject object = component.object();
            loaders[i] = Loader.load(object, region);
            tables[i] = object.symbols();
            long bias = loaders[i].bias();
            images.add(new Image(component, bias + object.begin(), bias + object.end(), bias));
        }
        @Nullable TlsBlock[] blocks = blocks(plan, images);
        Relocator[] relocators = new Relocator[count];
        for (int i = 0; i < count; i++) {
            relocators[i] = new Relocator(plan, i, tables, loaders, hostAddresses, blocks, host);
            relocators[i].relocate(members.get(i).component().object().relocations());
            loaders[i].store();
        }
        for (int i = 0; i < count; i++) {
            resolveIndirect(members.get(i).component(), relocators[i].indirect(), region, host);
        }
        for (Loader loader : loaders) {
            loader.protectRelro();
        }
        List<TlsBlock> tls = new ArrayList<>();
        for (TlsBlock block : blocks) {
            if (block != null) {
                tls.add(block);
            }
        }
        return new LinkedImages(plan, region, List.copyOf(images), List.copyOf(tls));
    }

    private static long[] hostAddresses(Plan plan, LinkHost host) throws LinkException {
        List<Plan.HostSymbol> wanted = plan.hostSymbols();
        long[] out = new long[wanted.size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = host.address(wanted.get(i).name(), wanted.get(i).version());
        }
        return out;
    }

    private static @Nullable TlsBlock[] blocks(Plan plan, List<Image> images) {
        @Nullable TlsBlock[] out = new TlsBlock[images.size()];
        for (int i = 0; i < out.length; i++) {
            Image image = images.get(i);
            Segment s = plan.tls(i);
            if (s != null) {
                out[i] = new TlsBlock(
                        image.component().name(),
                        plan.tlsOffset(i),
                        image.bias() + s.address(),
                        s.fileBytes(),
                        s.memoryBytes(),
                        s.align());
            }
        }
        return out;
    }

    private static void resolveIndirect(Component component, long[] indirect, Region region, LinkHost host)
            throws LinkException {
        for (int i = 0; i < indirect.length; i += 2) {
            region.write(indirect[i], new long[] {host.resolveIndirect(component.name(), indirect[i + 1])}, Long.BYTES);
        }
    }

    private void addAll(List<InitFunction> to, Image image, String field, FunctionArray array) throws LinkException {
        for (int i = 0; i < array.count(); i++) {
            add(to, image, field, region.word(image.bias() + array.address() + (long) i * Long.BYTES));
        }
    }

    /** Numbers that stand for no function are left out, as is usual. */
    private void add(List<InitFunction> to, Image image, String field, long address) throws LinkException {
        if (address == 0 || address == -1) {
            return;
        }
        Image of = imageAt(address);
        if (of == null || !of.isCode(address)) {
            throw new LinkException(image.component().object().file() + ": " + field + ": 0x"
                    + Long.toHexString(address) + " is no code of this kernel");
        }
        to.add(new InitFunction(image, address));
    }

    /** By what plan it was linked. */
    public Plan plan() {
        return plan;
    }

    /** Where it is. */
    public Region region() {
        return region;
    }

    /** All components, in ascending order of addresses. */
    public List<Image> images() {
        return images;
    }

    /** The component that has an address, or null. */
    public @Nullable Image imageAt(long address) {
        int low = 0;
        int high = images.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Image image = images.get(middle);
            if (address < image.begin()) {
                high = middle - 1;
            } else if (address >= image.end()) {
                low = middle + 1;
            } else {
                return image;
            }
        }
        return null;
    }

    /** The number of one of {@link #images}. */
    int indexOf(Image image) {
        int i = 0;
        while (images.get(i) != image) {
            i++;
        }
        return i;
    }

    /** What is to be called, in this order, before anything else is. */
    public List<InitFunction> initFunctions() {
        return initFunctions;
    }

    /** What is to be called, in this order, when nothing else will be. A kernel that is thrown away may as well do without. */
    public List<InitFunction> finiFunctions() {
        return finiFunctions;
    }

    // Symbols

    /**
     * The address of a symbol, as it is bound in this kernel, or 0 where no component has it. A variable of threads has none, nor has a
     * function that is chosen while the kernel is linked.
     */
    public long address(String name) {
        long meaning = plan.meaning(name);
        int member = Plan.member(meaning);
        if (member < 0) {
            return 0;
        }
        Image image = images.get(member);
        SymbolTable symbols = image.component().object().symbols();
        int symbol = Plan.symbol(meaning);
        int type = symbols.type(symbol);
        if (type == SymbolTable.STT_TLS || type == SymbolTable.STT_GNU_IFUNC) {
            return 0;
        }
        return symbols.isAbsolute(symbol) ? symbols.value(symbol) : image.bias() + symbols.value(symbol);
    }

    /**
     * The address of a function that can be called.
     *
     * @throws LinkException where no component has it, or it is none
     */
    public long function(String name) throws LinkException {
        long address = address(name);
        if (address == 0) {
            throw new LinkException("undefined symbol " + name + ": no component of this kernel has such a function");
        }
        Image image = imageAt(address);
        if (image == null || !image.isCode(address)) {
            throw new LinkException("symbol " + name + " at 0x" + Long.toHexString(address) + " is no function");
        }
        return address;
    }

    /**
     * The link sets of a name, one a component that has it.
     *
     * @throws ElfException where one makes no sense
     */
    public List<LinkedSet> linkSets(String name) throws ElfException {
        List<LinkedSet> out = new ArrayList<>();
        for (Image image : images) {
            for (LinkSet set : image.component().object().linkSets()) {
                if (set.name().equals(name)) {
                    out.add(new LinkedSet(
                            image, name, image.bias() + set.address(), set.bytes() / Long.BYTES, set.visible()));
                }
            }
        }
        return out;
    }

    // Variables of threads

    /** The blocks of variables that each thread has, of components that have some. */
    public List<TlsBlock> tls() {
        return tls;
    }

    /**
     * Gives the variables of a new thread their first values.
     *
     * @param memory {@link Plan#tlsBytes} bytes
     */
    public void initializeTls(MemorySegment memory) {
        memory.fill((byte) 0);
        for (TlsBlock block : tls) {
            if (block.templateBytes() > 0) {
                MemorySegment template =
                        region.memory().asSlice(block.template() - region.address(), block.templateBytes());
                memory.asSlice(block.offset()).copyFrom(template);
            }
        }
    }
}
