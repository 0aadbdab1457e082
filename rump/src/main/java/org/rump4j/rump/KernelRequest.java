package org.rump4j.rump;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a kernel is wanted for, so that one which is put together from components need not have those that nobody will use. Where nothing
 * is said it has whatever a user of files may want.
 *
 * @param which kernel of a provider that has several, as users write it behind the provider's name and a colon; null for the usual one
 * @param components that it is to have, by the names that its provider knows; what they need comes along
 * @param types of file systems that are going to be mounted, as {@code mount(2)} knows them
 * @param images files of the host from which file systems are going to be mounted whose types are not known
 */
public record KernelRequest(@Nullable String which, List<String> components, List<String> types, List<String> images) {
    public KernelRequest {
        components = List.copyOf(components);
        types = List.copyOf(types);
        images = List.copyOf(images);
    }

    /** Nothing is said. */
    public static KernelRequest of(@Nullable String which) {
        return new KernelRequest(which, List.of(), List.of(), List.of());
    }
}
