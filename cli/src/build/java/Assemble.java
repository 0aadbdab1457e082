import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.constant.ClassDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Puts the modules that rump4j consists of into one folder. Run by the build as {@code java Assemble.java FOLDER CLASSPATH JAR}.
 *
 * <p>Classes in files of a version before 50 have no stack maps, and the AOT cache leaves them out for that: they are written anew
 * as if they had been compiled for this JDK. That is picocli, which would otherwise take half of the time that rump4j takes to start.
 */
final class Assemble {
    /** Before it, classes are verified without stack maps (JVMS 4.10). */
    private static final int FIRST_WITH_STACK_MAPS = ClassFile.JAVA_6_VERSION;

    private static final Attributes.Name NOTICE = new Attributes.Name("Rump4j-Modified");
    private static final String MANIFEST = JarFile.MANIFEST_NAME;

    private Assemble() {}

    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        clear(folder);
        copy(Path.of(args[2]), folder);
        for (String entry : args[1].split(System.getProperty("path.separator"), -1)) {
            if (entry.endsWith(".jar")) {
                copy(Path.of(entry), folder);
            }
        }
    }

    private static void clear(Path folder) throws IOException {
        Files.createDirectories(folder);
        try (Stream<Path> old = Files.list(folder)) {
            for (Path file : old.toList()) {
                Files.delete(file);
            }
        }
    }

    private static void copy(Path jar, Path folder) throws IOException {
        Path to = folder.resolve(jar.getFileName());
        try (ZipFile in = new ZipFile(jar.toFile())) {
            if (in.stream().anyMatch(entry -> isOld(in, entry))) {
                try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(to))) {
                    rewrite(in, out);
                }
                return;
            }
        }
        Files.copy(jar, to, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void rewrite(ZipFile in, ZipOutputStream out) throws IOException {
        ClassFile classes = ClassFile.of(
                ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
                ClassFile.ClassHierarchyResolverOption.of(hierarchy(in)));
        List<? extends ZipEntry> entries = Collections.list(in.entries());
        for (ZipEntry entry : entries) {
            byte[] bytes = bytes(in, entry);
            if (isOld(in, entry)) {
                bytes = newer(classes, bytes);
            } else if (entry.getName().equals(MANIFEST)) {
                bytes = withNotice(in, entry);
            }
            ZipEntry copy = new ZipEntry(entry.getName());
            copy.setTime(entry.getTime());
            out.putNextEntry(copy);
            out.write(bytes);
            out.closeEntry();
        }
    }

    private static byte[] newer(ClassFile classes, byte[] bytes) {
        ClassModel old = classes.parse(bytes);
        MethodTransform remade = MethodTransform.transformingCode(CodeTransform.ACCEPT_ALL);
        return classes.transformClass(old, (builder, element) -> {
            switch (element) {
                case ClassFileVersion _ -> builder.withVersion(ClassFile.latestMajorVersion(), 0);
                case MethodModel method -> builder.transformMethod(method, remade);
                default -> builder.with(element);
            }
        });
    }

    /** The licence asks for changed files to say so. */
    private static byte[] withNotice(ZipFile in, ZipEntry entry) throws IOException {
        Manifest manifest;
        try (InputStream stream = in.getInputStream(entry)) {
            manifest = new Manifest(stream);
        }
        manifest.getMainAttributes()
                .put(NOTICE, "class files written anew for a later version of the JVM; nothing else is changed");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        manifest.write(out);
        return out.toByteArray();
    }

    private static ClassHierarchyResolver hierarchy(ZipFile in) {
        return ClassHierarchyResolver.ofResourceParsing((ClassDesc type) -> {
                    String descriptor = type.descriptorString();
                    ZipEntry entry = in.getEntry(descriptor.substring(1, descriptor.length() - 1) + ".class");
                    try {
                        return entry == null ? null : in.getInputStream(entry);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .orElse(ClassHierarchyResolver.defaultResolver());
    }

    /** Bytes 6 and 7 of a class file are its major version (JVMS 4.1). */
    private static boolean isOld(ZipFile in, ZipEntry entry) {
        if (!entry.getName().endsWith(".class")) {
            return false;
        }
        try (InputStream stream = in.getInputStream(entry)) {
            byte[] head = stream.readNBytes(8);
            return head.length == 8 && ((head[6] & 0xFF) << 8 | head[7] & 0xFF) < FIRST_WITH_STACK_MAPS;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] bytes(ZipFile in, ZipEntry entry) throws IOException {
        try (InputStream stream = in.getInputStream(entry)) {
            return stream.readAllBytes();
        }
    }
}
