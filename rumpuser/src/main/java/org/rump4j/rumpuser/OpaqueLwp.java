package org.rump4j.rumpuser;

/**
 * A light-weight process of the kernel, as the host sees it: an identity and nothing else (the {@code struct lwp *} of
 * {@code rumpuser.h}). The kernel's own class implements it.
 */
public interface OpaqueLwp {}
