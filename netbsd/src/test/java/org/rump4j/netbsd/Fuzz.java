package org.rump4j.netbsd;

import java.util.List;
import org.rump4j.netbsd.elf.ElfException;
import org.rump4j.netbsd.elf.SharedObject;
import org.rump4j.netbsd.link.Linking;

/** Does all that can be done with an object but calling it. */
public final class Fuzz {
    private Fuzz() {}

    /** Whether it could be read; what is refused is refused by our exceptions. */
    public static boolean use(byte[] file) {
        try {
            SharedObject object = SharedObject.of("damaged.so", file);
            object.relocations();
            object.staticSymbols();
            object.linkSets();
            for (String name : List.of("f", "main", "rump_init", "")) {
                int _ = object.symbols().find(name);
            }
            Linking.linkAndName(object);
            return true;
        } catch (ElfException e) {
            if (!e.file().equals("damaged.so") || e.field().isEmpty()) {
                throw new AssertionError("the message names neither file nor field", e);
            }
            return false;
        }
    }
}
