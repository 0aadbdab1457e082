package org.rump4j.netbsd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.rump4j.netbsd.bind.Guest;
import org.rump4j.rump.RumpKernel;
import org.rump4j.rumpuser.Rumpuser;

/** A JVM beside this one, that has the same classes. */
public final class ForkedJvm {
    private ForkedJvm() {}

    /**
     * Runs a class, which must end well.
     *
     * @param options of the JVM
     * @return what it printed
     */
    public static String run(List<String> options, Class<?> main, String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-XX:+UseSerialGC", "-Xmx256m", "--enable-native-access=ALL-UNNAMED", "-cp"));
        command.add(classPath(main));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        return said;
    }

    private static String classPath(Class<?> main) {
        Set<String> out = new LinkedHashSet<>();
        for (Class<?> c : List.of(main, Guest.class, Rumpuser.class, RumpKernel.class)) {
            out.add(folder(c));
        }
        for (String path : List.of("java.class.path", "jdk.module.path")) {
            out.add(System.getProperty(path, ""));
        }
        out.remove("");
        return String.join(File.pathSeparator, out);
    }

    /** Where a class is: the code source of one that a test has put into a module is that of the module. */
    private static String folder(Class<?> c) {
        String file = c.getName().substring(c.getPackageName().length() + 1) + ".class";
        URI uri = URI.create(Objects.requireNonNull(c.getResource(file)).toString());
        if (uri.getScheme().equals("jar")) {
            String inner = uri.getSchemeSpecificPart();
            return Path.of(URI.create(inner.substring(0, inner.indexOf('!')))).toString();
        }
        Path found = Path.of(uri);
        for (int i = 0; i < c.getName().split("\\.", -1).length; i++) {
            found = Objects.requireNonNull(found.getParent());
        }
        return found.toString();
    }
}
