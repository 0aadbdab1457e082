package org.rump4j.arch;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.rump4j.netbsd.memory.FaultStack;

/** What ARCHITECTURE.md says of the whole, as far as class files can tell. */
class ArchitectureTest {
    private static final String ALL = "org.rump4j..";
    private static final String INTERFACE = "org.rump4j.rumpuser";
    private static final String REAL = "org.rump4j.rumpuser.real..";
    private static final String RUMP = "org.rump4j.rump..";
    private static final String KERN = "org.rump4j.kern..";
    private static final String VFS = "org.rump4j.vfs..";
    private static final String DEV = "org.rump4j.dev..";
    private static final String FS = "org.rump4j.fs..";
    private static final String CLI = "org.rump4j.cli..";
    private static final String NETBSD = "org.rump4j.netbsd..";
    private static final String NETBSD_ELF = "org.rump4j.netbsd.elf..";
    private static final String NETBSD_MEMORY = "org.rump4j.netbsd.memory..";
    private static final String NETBSD_LINK = "org.rump4j.netbsd.link..";
    private static final String NETBSD_BIND = "org.rump4j.netbsd.bind..";
    private static final String NETBSD_KERNEL = "org.rump4j.netbsd.kernel..";
    private static final String NETBSD_PROGRAM = "org.rump4j.netbsd.program..";
    private static final String NETBSD_NET = "org.rump4j.netbsd.net..";

    private static final DescribedPredicate<JavaClass> KERNEL_CODE =
            resideInAnyPackage(KERN, VFS, DEV, FS).as("kernel code");

    /** What is of use with NetBSD's kernel only. */
    private static final DescribedPredicate<JavaClass> ABOUT_NETBSD = nameMatching(
                    "org\\.rump4j\\.cli\\.(Components|Exec)Command.*")
            .as("commands about NetBSD")
            .forSubtype();

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.rump4j");

    private static void assertDependsOnlyOn(String upper, String... lower) {
        List<String> allowed = new ArrayList<>(List.of(lower));
        allowed.add(upper);
        noClasses()
                .that()
                .resideInAPackage(upper)
                .should()
                .dependOnClassesThat(resideInAPackage(ALL).and(not(resideInAnyPackage(allowed.toArray(String[]::new)))))
                .check(CLASSES);
    }

    @Test
    void everyModuleIsLookedAt() {
        for (String module : List.of(
                "rumpuser",
                "rumpuser.real",
                "rump",
                "kern",
                "vfs",
                "vfs.rumpfs",
                "dev",
                "netbsd.elf",
                "netbsd.memory",
                "netbsd.link",
                "netbsd.bind",
                "netbsd.net",
                "netbsd.kernel",
                "netbsd.program")) {
            assertFalse(CLASSES.that(resideInAPackage("org.rump4j." + module)).isEmpty(), module);
        }
    }

    @Test
    void dependenciesPointDownThePicture() {
        assertDependsOnlyOn(INTERFACE);
        assertDependsOnlyOn(REAL, INTERFACE);
        assertDependsOnlyOn(RUMP, INTERFACE);
        assertDependsOnlyOn(KERN, RUMP, INTERFACE);
        assertDependsOnlyOn(VFS, KERN, RUMP, INTERFACE);
        assertDependsOnlyOn(DEV, KERN, RUMP, INTERFACE);
        assertDependsOnlyOn(NETBSD, RUMP, INTERFACE);
        assertDependsOnlyOn(NETBSD_ELF);
        assertDependsOnlyOn(NETBSD_MEMORY, INTERFACE);
        assertDependsOnlyOn(NETBSD_LINK, NETBSD_ELF, NETBSD_MEMORY);
        assertDependsOnlyOn(NETBSD_BIND, NETBSD_LINK, NETBSD_ELF, NETBSD_MEMORY, INTERFACE);
        assertDependsOnlyOn(NETBSD_NET, NETBSD_BIND, NETBSD_LINK, NETBSD_ELF, NETBSD_MEMORY, RUMP, INTERFACE);
        assertDependsOnlyOn(
                NETBSD_KERNEL, NETBSD_NET, NETBSD_BIND, NETBSD_LINK, NETBSD_ELF, NETBSD_MEMORY, RUMP, INTERFACE);
        assertDependsOnlyOn(
                NETBSD_PROGRAM,
                NETBSD_KERNEL,
                NETBSD_NET,
                NETBSD_BIND,
                NETBSD_LINK,
                NETBSD_ELF,
                NETBSD_MEMORY,
                INTERFACE);
        noClasses()
                .that()
                .resideInAPackage(FS)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(REAL, DEV, CLI)
                .allowEmptyShould(true)
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage(CLI)
                .and(not(ABOUT_NETBSD))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(KERN, VFS, DEV, FS, NETBSD)
                .because("the command works with any kernel")
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void onlyTheCommandChoosesTheHost() {
        noClasses()
                .that()
                .resideOutsideOfPackages(REAL, CLI)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(REAL)
                .check(CLASSES);
    }

    @Test
    void objectsAreReadWithoutTouchingMemoryThatIsNotOurs() {
        noClasses()
                .that()
                .resideInAPackage(NETBSD_ELF)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.foreign..")
                .check(CLASSES);
    }

    @Test
    void driversKnowNothingOfOneAnother() {
        slices().matching("org.rump4j.fs.(*)..")
                .should()
                .notDependOnEachOther()
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    /** Of java.base: computing, memory that the host gave, and nothing that reaches the outside. */
    @Test
    void kernelCodeUsesTheJdkToComputeOnly() {
        DescribedPredicate<JavaClass> computing = resideInAnyPackage(
                        "java.lang",
                        "java.lang.annotation",
                        "java.lang.foreign",
                        "java.lang.invoke",
                        "java.lang.runtime",
                        "java.nio",
                        "java.nio.charset",
                        "java.util",
                        "java.util.function",
                        "java.util.stream",
                        "java.util.concurrent.atomic",
                        "java.util.zip")
                .as("that compute");
        noClasses()
                .that(KERNEL_CODE)
                .should()
                .dependOnClassesThat(resideInAPackage("..")
                        .and(not(computing))
                        .and(not(resideInAnyPackage(ALL, "org.jspecify..")))
                        .and(not(DescribedPredicate.describe("primitive", JavaClass::isPrimitive)))
                        .and(not(DescribedPredicate.describe("array", JavaClass::isArray)))
                        .and(not(nameMatching("java\\.io\\.Serializable"))))
                .check(CLASSES);
    }

    @Test
    void kernelCodeHasNoThreadsTimersGeneratorsLoadersOrMemoryOfTheJdks() {
        noClasses()
                .that(KERNEL_CODE)
                .should()
                .dependOnClassesThat(
                        nameMatching(
                                "java\\.lang\\.(Thread|ThreadLocal|InheritableThreadLocal|ThreadGroup"
                                        + "|ScopedValue|Process|ProcessBuilder|ProcessHandle|Runtime|ClassLoader|Module|StackWalker)(\\$.*)?"))
                .orShould()
                .dependOnClassesThat(
                        nameMatching(
                                "java\\.util\\.(Random|SplittableRandom|Timer|TimerTask|Date|Calendar"
                                        + "|GregorianCalendar|TimeZone|UUID|Scanner|ServiceLoader|Properties|Locale|ResourceBundle)(\\$.*)?"))
                .orShould()
                .dependOnClassesThat(nameMatching("java\\.lang\\.foreign\\.(Arena|Linker|SymbolLookup)(\\$.*)?"))
                .check(CLASSES);
    }

    @Test
    void kernelCodeAsksTheHostForTimeRandomnessAndTheEnvironmentAndWaitsNowhereElse() {
        noClasses()
                .that(KERNEL_CODE)
                .should()
                .accessTargetWhere(target(System.class, "(?!arraycopy|identityHashCode).*"))
                .orShould()
                .accessTargetWhere(target(Math.class, "random"))
                .orShould()
                .accessTargetWhere(target(StrictMath.class, "random"))
                .orShould()
                .accessTargetWhere(target(Object.class, "wait|notify|notifyAll"))
                .orShould()
                .accessTargetWhere(target(java.util.Collections.class, "shuffle|synchronized.*"))
                .orShould()
                .accessTargetWhere(target(java.util.stream.BaseStream.class, "parallel"))
                .orShould()
                .accessTargetWhere(target(Collection.class, "parallelStream"))
                .orShould()
                .accessTargetWhere(target(java.util.Arrays.class, "parallel.*"))
                .orShould()
                .accessTargetWhere(target(Throwable.class, "printStackTrace"))
                .check(CLASSES);
    }

    @Test
    void kernelCodeDoesNotReflect() {
        noClasses()
                .that(KERNEL_CODE)
                .should()
                .accessTargetWhere(target(
                        Class.class,
                        "forName|newInstance|get(Declared)?(Field|Method|Constructor|Class)(e?s)?|getResource.*|getClassLoader"
                                + "|getModule"))
                .orShould()
                .accessTargetWhere(
                        target(java.lang.invoke.MethodHandles.Lookup.class, "(?!findVarHandle|lookupClass).*"))
                .check(CLASSES);
    }

    @Test
    void kernelCodeUsesNoMonitors() throws IOException {
        methods()
                .that()
                .areDeclaredInClassesThat(KERNEL_CODE)
                .should()
                .notHaveModifier(JavaModifier.SYNCHRONIZED)
                .check(CLASSES);
        List<String> found = new ArrayList<>();
        for (JavaClass c : CLASSES.that(KERNEL_CODE)) {
            found.addAll(methodsWithMonitors(c));
        }
        assertEquals(List.of(), found);
    }

    @Test
    void theSearchForMonitorsFindsThem() throws IOException {
        assertFalse(methodsWithMonitors(new ClassFileImporter().importClass(WithMonitor.class))
                .isEmpty());
    }

    private record WithMonitor(Runnable body) implements Runnable {
        @Override
        public void run() {
            synchronized (body) {
                body.run();
            }
        }
    }

    private static List<String> methodsWithMonitors(JavaClass c) throws IOException {
        ClassModel model;
        try (InputStream in = c.getSource().orElseThrow().getUri().toURL().openStream()) {
            model = ClassFile.of().parse(in.readAllBytes());
        }
        return model.methods().stream()
                .filter(m -> m.code().isPresent()
                        && m.code().get().elementStream().anyMatch(e -> e instanceof MonitorInstruction))
                .map(m -> c.getName() + "." + m.methodName().stringValue())
                .toList();
    }

    @Test
    void nothingIsStaticAndCanChange() {
        fields().that()
                .areStatic()
                .and()
                .areDeclaredInClassesThat(resideInAnyPackage(KERN, VFS, DEV, FS, NETBSD, RUMP, INTERFACE, REAL))
                .and(not(madeByTheCompiler()))
                // Threads of the operating system are the process's, not a kernel's.
                .and()
                .areNotDeclaredIn(FaultStack.class)
                .should()
                .beFinal()
                .andShould(notBeMutable())
                .check(CLASSES);
    }

    private static DescribedPredicate<JavaField> madeByTheCompiler() {
        return DescribedPredicate.describe(
                "made by the compiler", f -> f.getModifiers().contains(JavaModifier.SYNTHETIC));
    }

    /** Arrays are for tables that are filled while the class is made: nobody else may have them to write to. */
    private static ArchCondition<JavaField> notBeMutable() {
        return new ArchCondition<>("not hold what can change") {
            @Override
            public void check(JavaField field, ConditionEvents events) {
                JavaClass type = field.getRawType();
                String problem = null;
                if (type.isArray()) {
                    problem = field.getModifiers().contains(JavaModifier.PRIVATE)
                            ? null
                            : "an array that others can reach";
                } else if (type.isAssignableTo(Collection.class) || type.isAssignableTo(Map.class)) {
                    Object value = valueOf(field);
                    problem = isUnmodifiable(value)
                            ? null
                            : "a " + value.getClass().getName();
                } else if (MUTABLE.test(type)) {
                    problem = "a " + type.getName();
                }
                if (problem != null) {
                    events.add(SimpleConditionEvent.violated(field, field.getFullName() + " holds " + problem));
                }
            }
        };
    }

    private static final DescribedPredicate<JavaClass> MUTABLE = resideInAPackage("java.util.concurrent..")
            .or(assignableTo(StringBuilder.class))
            .or(assignableTo(java.util.BitSet.class))
            .or(assignableTo(java.util.Random.class))
            .or(assignableTo(ThreadLocal.class))
            .or(assignableTo(java.nio.Buffer.class));

    private static boolean isUnmodifiable(Object collection) {
        String name = collection.getClass().getName();
        return (name.startsWith("java.util.ImmutableCollections$") || name.startsWith("java.util.Collections$"))
                && !name.contains("Synchronized")
                && !name.contains("Checked");
    }

    private static Object valueOf(JavaField field) {
        try {
            Field reflected = field.reflect();
            reflected.setAccessible(true);
            return reflected.get(null);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    private static DescribedPredicate<JavaAccess<?>> target(Class<?> owner, String names) {
        return DescribedPredicate.describe(
                owner.getSimpleName() + "." + names,
                access -> access.getTarget().getName().matches(names)
                        && access.getTargetOwner().isAssignableTo(owner));
    }
}
