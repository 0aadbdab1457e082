package org.rump4j.netbsd.elf;

import java.util.Arrays;

/** A hash table of the defined symbols of an object, of either kind. */
sealed interface SymbolHash {
    /**
     * The first symbol that may have a name, or 0.
     *
     * @param gnu the name's {@link #gnuHash}
     */
    int first(byte[] names, int name, int gnu);

    /** The next one, or 0. */
    int next(int symbol, int gnu);

    /** The hash of a name that DT_GNU_HASH uses: Bernstein's, times 33. */
    static int gnuHash(byte[] names, int name) {
        int h = 5381;
        for (int i = name; names[i] != 0; i++) {
            h = (h << 5) + h + (names[i] & 0xff);
        }
        return h;
    }

    /** The hash of a name that the gABI has for DT_HASH. */
    static int sysvHash(byte[] names, int name) {
        int h = 0;
        for (int i = name; names[i] != 0; i++) {
            h = (h << 4) + (names[i] & 0xff);
            int high = h & 0xf0000000;
            h = (h ^ high >>> 24) & ~high;
        }
        return h;
    }

    /**
     * DT_GNU_HASH: a Bloom filter; buckets, each the first symbol of a chain; and for each symbol from the first hashed one on its hash,
     * with the lowest bit set in the last of a chain.
     */
    final class Gnu implements SymbolHash {
        private static final int HEADER_INTS = 4;

        private final int[] buckets;
        private final int firstSymbol;
        private final long[] bloom;
        private final int bloomShift;
        private final int[] hashes;

        Gnu(ElfBytes bytes, Segments segments, long address) throws ElfException {
            int[] header = bytes.ints(
                    segments.fileOffset(address, HEADER_INTS * 4L, "DT_GNU_HASH"), HEADER_INTS, "DT_GNU_HASH");
            long bucketCount = Integer.toUnsignedLong(header[0]);
            long first = Integer.toUnsignedLong(header[1]);
            long bloomWords = Integer.toUnsignedLong(header[2]);
            bloomShift = header[3];
            if (bucketCount == 0) {
                throw bytes.bad("DT_GNU_HASH: nbuckets", "there are none");
            }
            if (Long.bitCount(bloomWords) != 1) {
                throw bytes.bad("DT_GNU_HASH: maskwords", bloomWords + " is no power of two");
            }
            if (first == 0 || first > Integer.MAX_VALUE) {
                throw bytes.bad("DT_GNU_HASH: symndx", first + " is no symbol");
            }
            firstSymbol = (int) first;
            long at = address + HEADER_INTS * 4L;
            bloom = bytes.longs(
                    segments.fileOffset(at, bloomWords * 8, "DT_GNU_HASH: maskwords"),
                    bloomWords,
                    "DT_GNU_HASH: maskwords");
            at += bloomWords * 8;
            buckets = bytes.ints(
                    segments.fileOffset(at, bucketCount * 4, "DT_GNU_HASH: nbuckets"),
                    bucketCount,
                    "DT_GNU_HASH: nbuckets");
            at += bucketCount * 4;
            hashes = chains(bytes, segments, at);
        }

        /** All hashes. How many there are is said nowhere: the last chain is followed to its end. */
        private int[] chains(ElfBytes bytes, Segments segments, long at) throws ElfException {
            int last = 0;
            for (int bucket : buckets) {
                if (bucket != 0 && Integer.compareUnsigned(bucket, firstSymbol) < 0) {
                    throw bytes.bad("DT_GNU_HASH: bucket", Integer.toUnsignedString(bucket) + " is before symndx");
                }
                if (Integer.compareUnsigned(bucket, last) > 0) {
                    last = bucket;
                }
            }
            if (last == 0) {
                return new int[0];
            }
            long available = segments.fileBytesFrom(at) / 4;
            long wanted = Integer.toUnsignedLong(last) - firstSymbol + 1;
            while (wanted <= available) {
                long read = Math.min(available, 2 * wanted + 64);
                int[] found =
                        bytes.ints(segments.fileOffset(at, read * 4, "DT_GNU_HASH: chain"), read, "DT_GNU_HASH: chain");
                for (int i = (int) wanted - 1; i < found.length; i++) {
                    if ((found[i] & 1) != 0) {
                        return Arrays.copyOf(found, i + 1);
                    }
                }
                wanted = read + 1;
            }
            throw bytes.bad("DT_GNU_HASH: chain", "the last chain leads out of its segment");
        }

        boolean hasSymbols() {
            return hashes.length > 0;
        }

        /** The number behind the last symbol that it knows. */
        int symbolsEnd() {
            return firstSymbol + hashes.length;
        }

        /** The hash of a symbol but for its lowest bit, which is set; 0 where it is not in the table. */
        int hashOf(int symbol) {
            int i = symbol - firstSymbol;
            return i >= 0 && i < hashes.length ? hashes[i] | 1 : 0;
        }

        @Override
        public int first(byte[] names, int name, int gnu) {
            long word = bloom[(gnu >>> 6) & (bloom.length - 1)];
            if (((word >>> (gnu & 63)) & (word >>> ((gnu >>> bloomShift) & 63)) & 1) == 0) {
                return 0;
            }
            int symbol = buckets[Integer.remainderUnsigned(gnu, buckets.length)];
            return symbol == 0 || ((hashes[symbol - firstSymbol] ^ gnu) >>> 1) == 0 ? symbol : next(symbol, gnu);
        }

        @Override
        public int next(int symbol, int gnu) {
            int i = symbol - firstSymbol;
            while ((hashes[i] & 1) == 0) {
                i++;
                if (((hashes[i] ^ gnu) >>> 1) == 0) {
                    return firstSymbol + i;
                }
            }
            return 0;
        }
    }

    /** DT_HASH: buckets, each the first symbol of a chain, and for each symbol the next one of its chain; 0 is the end. */
    final class Sysv implements SymbolHash {
        private final int[] buckets;
        private final int[] chains;

        Sysv(ElfBytes bytes, Segments segments, long address) throws ElfException {
            int[] header = header(bytes, segments, address);
            long bucketCount = Integer.toUnsignedLong(header[0]);
            long symbols = Integer.toUnsignedLong(header[1]);
            if (bucketCount == 0) {
                throw bytes.bad("DT_HASH: nbucket", "there are none");
            }
            buckets = bytes.ints(
                    segments.fileOffset(address + 8, bucketCount * 4, "DT_HASH: nbucket"),
                    bucketCount,
                    "DT_HASH: nbucket");
            chains = bytes.ints(
                    segments.fileOffset(address + 8 + bucketCount * 4, symbols * 4, "DT_HASH: nchain"),
                    symbols,
                    "DT_HASH: nchain");
            boolean[] seen = new boolean[chains.length];
            for (int bucket : buckets) {
                int symbol = bucket;
                while (symbol != 0) {
                    if (Integer.compareUnsigned(symbol, chains.length) >= 0) {
                        throw bytes.bad(
                                "DT_HASH: chain",
                                "symbol " + Integer.toUnsignedString(symbol) + " is not one of " + chains.length);
                    }
                    if (seen[symbol]) {
                        throw bytes.bad(
                                "DT_HASH: chain", "symbol " + symbol + " is in two places of the chains: a cycle");
                    }
                    seen[symbol] = true;
                    symbol = chains[symbol];
                }
            }
        }

        private static int[] header(ElfBytes bytes, Segments segments, long address) throws ElfException {
            return bytes.ints(segments.fileOffset(address, 8, "DT_HASH"), 2, "DT_HASH");
        }

        /** How many symbols the table of an object says that there are. */
        static int symbols(ElfBytes bytes, Segments segments, long address) throws ElfException {
            int count = header(bytes, segments, address)[1];
            if (count < 0) {
                throw bytes.bad("DT_HASH: nchain", Integer.toUnsignedString(count) + " symbols are too many");
            }
            return count;
        }

        @Override
        public int first(byte[] names, int name, int gnu) {
            return buckets[Integer.remainderUnsigned(sysvHash(names, name), buckets.length)];
        }

        @Override
        public int next(int symbol, int gnu) {
            return chains[symbol];
        }
    }

    /** That of an object: the GNU one where there are both. */
    static SymbolHash of(ElfBytes bytes, Segments segments, DynamicSection dynamic) throws ElfException {
        if (dynamic.has(DynamicSection.DT_GNU_HASH)) {
            return new Gnu(bytes, segments, dynamic.get(DynamicSection.DT_GNU_HASH));
        }
        return new Sysv(bytes, segments, dynamic.require(DynamicSection.DT_HASH, "DT_HASH"));
    }
}
