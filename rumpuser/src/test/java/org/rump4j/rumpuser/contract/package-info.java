/**
 * What every host must do, as tests: the contract of {@code rumpuser(3)}, call by call, in sections like the manual page's.
 * Whoever implements {@link org.rump4j.rumpuser.Rumpuser} extends {@link org.rump4j.rumpuser.contract.RumpuserContract}
 * with a {@link org.rump4j.rumpuser.contract.HostUnderTest} and runs it all.
 *
 * <p>Each test runs inside {@link org.rump4j.rumpuser.contract.FakeKernel}, a kernel that does nothing but watch: it has
 * real virtual CPUs, made of the host's own mutexes, and it complains about every upcall that the contract does not allow.
 * Tests wait and make threads by hypercalls only, so that a host with a time of its own can run them too.
 */
@NullMarked
package org.rump4j.rumpuser.contract;

import org.jspecify.annotations.NullMarked;
