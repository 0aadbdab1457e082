package org.rump4j.rump;

/**
 * The system calls of a kernel, made by the calling thread's lwp. Any number of threads may call at once.
 *
 * <p>Where a page of the manual lists an error, the call throws {@link org.rump4j.rumpuser.ErrnoException} with it. The
 * documentation here names those that are particular to the call. Besides, any call on a path gives ENOENT, ENOTDIR,
 * EACCES, ELOOP (more than 32 symbolic links), ENAMETOOLONG (1024 bytes of path, or more of a component than the file
 * system allows), EILSEQ (see {@link PathCodec}); any on a descriptor EBADF; any that reads or writes a file system EIO;
 * any that changes one EROFS, ENOSPC and ENOMEM; and a call whose kernel part is not linked in ENOSYS.
 */
public interface Syscalls
        extends ProcessSyscalls,
                DescriptorSyscalls,
                FileSyscalls,
                FilesystemSyscalls,
                SocketSyscalls,
                TimeSyscalls,
                SystemSyscalls {}
