/**
 * The system call suite: what NetBSD's manual and POSIX say of each call, as tests that run on every kernel. A kernel's module
 * extends each class and says how to boot one. A test asserts what a program would notice, and nothing that only one kernel
 * does.
 */
package org.rump4j.rump.suite;
