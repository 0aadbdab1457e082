/**
 * Linking of kernels: which components there have to be, what each symbol means, and bringing it all into memory. Sources of the facts:
 * gABI, chapter "Program Loading and Dynamic Linking"; the psABIs; "ELF Handling For Thread-Local Storage" (U. Drepper); ld.so(8);
 * rumpuser(3).
 *
 * <p><b>The model.</b> A {@link org.rump4j.netbsd.link.Catalogue} knows components by name. A {@link org.rump4j.netbsd.link.Plan} is a set
 * of them that is complete, with the meaning of each symbol; it knows no addresses, so that many kernels are linked by one plan. {@link
 * org.rump4j.netbsd.link.LinkedImages} is a plan in a {@link org.rump4j.netbsd.memory.Region}: relocated, protected, and ready to be
 * called. What components need from outside comes from a {@link org.rump4j.netbsd.link.LinkHost}. A
 * {@link org.rump4j.netbsd.link.Symbolizer} gives addresses their names back.
 *
 * <pre>{@code
 * Catalogue catalogue = Catalogue.of(List.of(Path.of("/usr/lib")));
 * Plan plan = Plan.of(catalogue, List.of("rumpfs_ffs", "rumpnet_netinet"), host);
 * try (Region region = Region.reserve(1L << 30)) {
 *     LinkedImages kernel = LinkedImages.link(plan, region, host);
 *     for (InitFunction f : kernel.initFunctions()) { ... }
 *     long init = kernel.function("rump_init");
 * }
 * }</pre>
 *
 * <p><b>What a symbol means.</b> Components are in an order: drivers, factions, the base last. A name means the first strong definition in
 * that order, or where there are none but weak ones, the first of those: a weak definition of a kernel stands in for a component that is
 * not there. Before that come names that the host overrides; after it all that the host has. Hidden, protected and local symbols, and the
 * ends of link sets, mean those of their own object.
 */
@NullMarked
package org.rump4j.netbsd.link;

import org.jspecify.annotations.NullMarked;
