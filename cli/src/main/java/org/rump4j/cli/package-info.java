/**
 * The rump4j command: tools that work on files inside of disk images, through the system calls of a kernel.
 *
 * <p><b>The model.</b> {@link org.rump4j.cli.Rump4j} finds the {@link org.rump4j.cli.Command} that is asked for and gives
 * it a {@link org.rump4j.cli.Run}: where its output goes, and what has gone wrong so far. A {@link org.rump4j.cli.Session}
 * is the kernel of a run. It boots when the first image is wanted. Each {@link org.rump4j.cli.Image} is mounted once and
 * has a process of its own, whose root is the root of the image, so that absolute symbolic links stay inside. An
 * {@link org.rump4j.cli.Operand} is what the user wrote. Commands know {@link org.rump4j.rump.Syscalls} and nothing of how
 * a kernel does it.
 *
 * <p><b>Writing.</b> An image is mounted read-write when a command asks {@link org.rump4j.cli.Run#writable} for it. Copies go to a
 * {@link org.rump4j.cli.Target}, an image or the host; {@link org.rump4j.cli.Copies} is what they have in common wherever they come
 * from: {@link org.rump4j.cli.Copier} walks through an image, {@link org.rump4j.cli.HostTree} reads the host ahead on a thread of its
 * own, and that is the only other thread there is. A {@link org.rump4j.cli.Machine} is what the commands of a {@link
 * org.rump4j.cli.Script} share. A signal sets a mark there, which is looked at between system calls.
 *
 * <p><b>Names.</b> All names, those of the host too, are strings as {@link org.rump4j.rump.PathCodec} maps them: a byte
 * that is no UTF-8 comes in, goes out and is compared unharmed. {@link org.rump4j.cli.HostPath} is where names of the host
 * become paths of {@code java.nio}.
 *
 * <p><b>Output</b> is what NetBSD's tools of the same names print; where those differ from one system to another, NetBSD's
 * manual pages decide.
 *
 * <p><b>Starting fast.</b> Commands are described by picocli's own model, without annotations, so nothing is looked up by
 * reflection, and only the command that is asked for is described. {@link org.rump4j.cli.Training} is what the AOT cache is
 * made from.
 */
@NullMarked
package org.rump4j.cli;

import org.jspecify.annotations.NullMarked;
