/**
 * Shared objects of ELF64, little endian, for x86-64 and AArch64: what a file says, looked at and then believed. Nothing here maps memory
 * or calls anything. Sources of the facts: the System V gABI (chapters "Object Files" and "Program Loading and Dynamic Linking"), its
 * supplements "x86-64 psABI" and "ELF for the Arm 64-bit Architecture", elf(5), ld.so(8), and the description of {@code DT_GNU_HASH} in
 * the binutils.
 *
 * <p><b>The model.</b> A {@link org.rump4j.netbsd.elf.SharedObject} is read from a file once and linked as often as one likes. It has
 * {@link org.rump4j.netbsd.elf.Segment}s, a {@link org.rump4j.netbsd.elf.SymbolTable} that is searched by hash, and {@link
 * org.rump4j.netbsd.elf.Relocations} of a {@link org.rump4j.netbsd.elf.Machine}. Tables are arrays of primitive numbers as the file has
 * them: a kernel has ten thousand symbols and as many relocations, and the first boot of a JVM goes through them in the interpreter.
 *
 * <p><b>Nothing is believed.</b> Every field that is used is compared with the size of the file, or of the table that it points into,
 * before it is used. What makes no sense is an {@link org.rump4j.netbsd.elf.ElfException} that names the file and the field, and never
 * another exception.
 */
@NullMarked
package org.rump4j.netbsd.elf;

import org.jspecify.annotations.NullMarked;
