package org.rump4j.rumpuser.real;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.channels.NonReadableChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rump4j.rumpuser.Errno;

class HostErrnoTest {
    @Test
    void linuxAndNetbsdCountAlikeUpTo34ExceptForTwo() {
        assertEquals(0, HostErrno.toNetbsd(0, "Linux"));
        for (int errno = 1; errno <= 34; errno++) {
            assertEquals(errno == 11 ? Errno.EAGAIN.number() : errno, HostErrno.toNetbsd(errno, "Linux"));
        }
    }

    /** Linux's numbers and their names, from {@code asm-generic/errno.h}. */
    @ParameterizedTest
    @CsvSource({
        "35, EDEADLK",
        "36, ENAMETOOLONG",
        "37, ENOLCK",
        "38, ENOSYS",
        "39, ENOTEMPTY",
        "40, ELOOP",
        "42, ENOMSG",
        "43, EIDRM",
        "60, ENOSTR",
        "61, ENODATA",
        "62, ETIME",
        "63, ENOSR",
        "66, EREMOTE",
        "67, ENOLINK",
        "71, EPROTO",
        "72, EMULTIHOP",
        "74, EBADMSG",
        "75, EOVERFLOW",
        "84, EILSEQ",
        "87, EUSERS",
        "88, ENOTSOCK",
        "89, EDESTADDRREQ",
        "90, EMSGSIZE",
        "91, EPROTOTYPE",
        "92, ENOPROTOOPT",
        "93, EPROTONOSUPPORT",
        "94, ESOCKTNOSUPPORT",
        "95, EOPNOTSUPP",
        "96, EPFNOSUPPORT",
        "97, EAFNOSUPPORT",
        "98, EADDRINUSE",
        "99, EADDRNOTAVAIL",
        "100, ENETDOWN",
        "101, ENETUNREACH",
        "102, ENETRESET",
        "103, ECONNABORTED",
        "104, ECONNRESET",
        "105, ENOBUFS",
        "106, EISCONN",
        "107, ENOTCONN",
        "108, ESHUTDOWN",
        "109, ETOOMANYREFS",
        "110, ETIMEDOUT",
        "111, ECONNREFUSED",
        "112, EHOSTDOWN",
        "113, EHOSTUNREACH",
        "114, EALREADY",
        "115, EINPROGRESS",
        "116, ESTALE",
        "122, EDQUOT",
        "125, ECANCELED"
    })
    void linuxsNumbersBecomeNetbsds(int linux, Errno netbsd) {
        assertEquals(netbsd.number(), HostErrno.toNetbsd(linux, "Linux"));
    }

    /** EUCLEAN, ENOMEDIUM, ENOKEY, unused ones, and none at all. */
    @ParameterizedTest
    @ValueSource(ints = {41, 58, 117, 123, 126, 133, 134, 4711, -1, Integer.MIN_VALUE})
    void whatNetbsdDoesNotHaveIsInvalid(int linux) {
        assertEquals(Errno.EINVAL.number(), HostErrno.toNetbsd(linux, "Linux"));
    }

    @ParameterizedTest
    @CsvSource({"35, EAGAIN", "63, ENAMETOOLONG", "89, ECANCELED", "92, EILSEQ", "102, EOPNOTSUPP", "85, EINVAL"})
    void darwinIsABsdExceptForTheEnd(int darwin, Errno netbsd) {
        assertEquals(netbsd == Errno.EINVAL ? 85 : netbsd.number(), HostErrno.toNetbsd(darwin, "Mac OS X"));
    }

    @ParameterizedTest
    @CsvSource({
        "No space left on device, ENOSPC",
        "Read-only file system, EROFS",
        "Is a directory, EISDIR",
        "Input/output error, EIO",
        "Disk quota exceeded, EDQUOT",
        "Illegal seek, ESPIPE",
        "File too large, EFBIG",
        "Too many open files, EMFILE",
        "Too many open files in system, ENFILE",
        "Text file busy, ETXTBSY",
        "No such device or address, ENXIO",
        "Device or resource busy, EBUSY",
        "Stale file handle, ESTALE",
        "something unheard of, EIO"
    })
    void theWordsOfTheCLibraryAreUnderstood(String words, Errno errno) {
        assertEquals(errno, HostErrno.of(new IOException(words), "x").errno());
        assertEquals(
                errno,
                HostErrno.of(new FileSystemException("x", null, words), "x").errno());
    }

    @Test
    void exceptionsSayTheirPartByTheirClass() {
        assertEquals(
                Errno.ENOENT,
                HostErrno.of(new NoSuchFileException("/nowhere/x"), "x").errno());
        assertEquals(
                Errno.EEXIST,
                HostErrno.of(new FileAlreadyExistsException("x"), "x").errno());
        assertEquals(
                Errno.EACCES, HostErrno.of(new AccessDeniedException("x"), "x").errno());
        assertEquals(
                Errno.EBADF,
                HostErrno.of(new NonReadableChannelException(), "x").errno());
        assertNotNull(HostErrno.of(new IOException("x"), "which file").detail());
        assertThrows(ArithmeticException.class, () -> HostErrno.of(new ArithmeticException("a mistake of ours"), "x"));
    }
}
