/*
 * The reference's side of `bench/run compare`: each workload on a rump kernel of NetBSD's, in C.
 *
 *     reference WORKLOAD [FORMAT IMAGE]
 *
 * It makes ready and says so ("ready"). Then, for each line that it is sent, it does one round and prints one number, in
 * the unit that Workloads.java, the other side of this, names. Both sides do the same work in the same order; what one is
 * told to count, the other counts too.
 */
#define _GNU_SOURCE
#include <sys/types.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rump/rump.h>
#include <rump/rump_syscalls.h>
#include <rump/netconfig.h>

#include <arpa/inet.h>
#include <sys/prctl.h>

#define GETPID_CALLS 1000000
#define GETPID_IMPLICIT_CALLS 100000
#define THREADS 8
#define THREAD_CALLS 1000000
#define ROUND_TRIPS 10000
#define BOOTS 5
#define KERNELS 100
#define IDLE_SECONDS 2

#define FILE_BYTES (64 << 20)
#define CALL_BYTES (64 << 10)
#define PAGE_BYTES 4096
#define RANDOM_READS 1000
#define WARM_PASSES 8

#define DEVICE "/dev/image"
#define MOUNT_POINT "/mnt"
#define BIG_FILE MOUNT_POINT "/big"

static const char *image;
static const char *type;

static void
die(const char *what)
{

	fprintf(stderr, "reference: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
check(int failed, const char *what)
{

	if (failed)
		die(what);
}

static double
nanos(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *values, int n)
{

	qsort(values, n, sizeof(*values), ascending);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static void
boot(void)
{

	check((errno = rump_init()) != 0, "rump_init");
}

static void
own_lwp(void)
{

	check((errno = rump_pub_lwproc_rfork(RUMP_RFCFDG)) != 0, "rfork");
}

/* Boot: a process can boot once, so each boot has a child that has done all but that. */

static double
boot_round(void)
{
	double millis[BOOTS], begin;
	int fds[2], i;
	pid_t pid;

	for (i = 0; i < BOOTS; i++) {
		check(pipe(fds) == -1, "pipe");
		check((pid = fork()) == -1, "fork");
		if (pid == 0) {
			begin = nanos();
			boot();
			begin = (nanos() - begin) / 1e6;
			check(write(fds[1], &begin, sizeof(begin)) != sizeof(begin), "write");
			_exit(0);
		}
		check(read(fds[0], &millis[i], sizeof(*millis)) != sizeof(*millis), "boot in a child");
		check(waitpid(pid, NULL, 0) != pid, "waitpid");
		close(fds[0]);
		close(fds[1]);
	}
	return median(millis, BOOTS);
}

/* Kernels: as many processes, at once. What each of them has for itself is in Private_Dirty. */

static pid_t kernels[KERNELS];

static double
boot_kernels(void)
{
	int fds[2], i;
	double begin;
	char byte = 0;

	check(pipe(fds) == -1, "pipe");
	begin = nanos();
	for (i = 0; i < KERNELS; i++) {
		check((kernels[i] = fork()) == -1, "fork");
		if (kernels[i] == 0) {
			boot();
			check(write(fds[1], &byte, 1) != 1, "write");
			for (;;)
				pause();
		}
	}
	for (i = 0; i < KERNELS; i++)
		check(read(fds[0], &byte, 1) != 1, "read");
	begin = (nanos() - begin) / 1e6;
	close(fds[0]);
	close(fds[1]);
	return begin;
}

static void
kill_kernels(void)
{
	int i;

	for (i = 0; i < KERNELS; i++) {
		kill(kernels[i], SIGKILL);
		waitpid(kernels[i], NULL, 0);
	}
}

static double
kernels_time_round(void)
{
	double millis = boot_kernels();

	kill_kernels();
	return millis / KERNELS;
}

static double
kernels_memory_round(void)
{
	char path[64], line[256];
	long kib, sum = 0;
	FILE *smaps;
	int i;

	boot_kernels();
	for (i = 0; i < KERNELS; i++) {
		snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)kernels[i]);
		check((smaps = fopen(path, "r")) == NULL, path);
		while (fgets(line, sizeof(line), smaps) != NULL)
			if (sscanf(line, "Private_Dirty: %ld", &kib) == 1)
				sum += kib;
		fclose(smaps);
	}
	kill_kernels();
	return (double)sum / KERNELS;
}

/* Idle: how often threads of this process were given a processor, all of them together. */

static long
switches(void)
{
	char path[300], line[256];
	struct dirent *task;
	long n, sum = 0;
	FILE *status;
	DIR *tasks;

	check((tasks = opendir("/proc/self/task")) == NULL, "/proc/self/task");
	while ((task = readdir(tasks)) != NULL) {
		snprintf(path, sizeof(path), "/proc/self/task/%s/status", task->d_name);
		if (task->d_name[0] == '.' || (status = fopen(path, "r")) == NULL)
			continue;
		while (fgets(line, sizeof(line), status) != NULL)
			if (sscanf(line, "voluntary_ctxt_switches: %ld", &n) == 1)
				sum += n;
		fclose(status);
	}
	closedir(tasks);
	return sum;
}

static double
idle_round(void)
{
	long before = switches();

	sleep(IDLE_SECONDS);
	/* This thread's own sleep is one of them. */
	return (switches() - before - 1) / (double)IDLE_SECONDS;
}

/* getpid */

static double
getpid_calls(int calls)
{
	double begin = nanos();
	int i;

	for (i = 0; i < calls; i++)
		rump_sys_getpid();
	return (nanos() - begin) / calls;
}

static double
getpid_round(void)
{

	return getpid_calls(GETPID_CALLS);
}

static double
getpid_implicit_round(void)
{

	return getpid_calls(GETPID_IMPLICIT_CALLS);
}

/* From the first thread's beginning to the last one's end: whoever waits for them may well be late itself. */
static pthread_barrier_t barrier;
static double begins[THREADS], ends[THREADS];

static void *
getpid_thread(void *arg)
{
	int self = (int)(intptr_t)arg, i;

	own_lwp();
	for (;;) {
		pthread_barrier_wait(&barrier);
		begins[self] = nanos();
		for (i = 0; i < THREAD_CALLS; i++)
			rump_sys_getpid();
		ends[self] = nanos();
		pthread_barrier_wait(&barrier);
	}
	return NULL;
}

static void
getpid_threads_setup(void)
{
	pthread_t thread;
	int i;

	boot();
	pthread_barrier_init(&barrier, NULL, THREADS + 1);
	for (i = 0; i < THREADS; i++)
		check((errno = pthread_create(&thread, NULL, getpid_thread, (void *)(intptr_t)i)) != 0, "pthread_create");
}

static double
getpid_threads_round(void)
{
	double begin, end;
	int i;

	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	begin = begins[0];
	end = ends[0];
	for (i = 1; i < THREADS; i++) {
		begin = begins[i] < begin ? begins[i] : begin;
		end = ends[i] > end ? ends[i] : end;
	}
	return (double)THREADS * THREAD_CALLS / ((end - begin) / 1e3);
}

/* Pipe ping-pong: a byte there and a byte back is a round trip. */

static int there[2], back[2];

static void
move_byte(ssize_t moved, const char *what)
{

	check(moved != 1, what);
}

static void *
echo(void *arg)
{
	char byte;

	check((errno = rump_pub_lwproc_newlwp(*(pid_t *)arg)) != 0, "newlwp");
	for (;;) {
		move_byte(rump_sys_read(there[0], &byte, 1), "read");
		move_byte(rump_sys_write(back[1], &byte, 1), "write");
	}
	return arg;
}

static void
pipe_setup(void)
{
	static pid_t pid;
	pthread_t thread;

	boot();
	own_lwp();
	check(rump_sys_pipe2(there, 0) == -1 || rump_sys_pipe2(back, 0) == -1, "pipe2");
	pid = rump_sys_getpid();
	check((errno = pthread_create(&thread, NULL, echo, &pid)) != 0, "pthread_create");
}

static double
pipe_round(void)
{
	char byte = 'x';
	double begin = nanos();
	int i;

	for (i = 0; i < ROUND_TRIPS; i++) {
		move_byte(rump_sys_write(there[1], &byte, 1), "write");
		move_byte(rump_sys_read(back[0], &byte, 1), "read");
	}
	return (nanos() - begin) / 1e3 / ROUND_TRIPS;
}

/* The same through a pipe of the host's, with no rump kernel: what a wake-up costs on this machine. */

static void *
host_echo(void *arg)
{
	char byte;

	for (;;) {
		move_byte(read(there[0], &byte, 1), "read");
		move_byte(write(back[1], &byte, 1), "write");
	}
	return arg;
}

static void
host_pipe_setup(void)
{
	pthread_t thread;

	check(pipe(there) == -1 || pipe(back) == -1, "pipe");
	check((errno = pthread_create(&thread, NULL, host_echo, NULL)) != 0, "pthread_create");
}

static double
host_pipe_round(void)
{
	char byte = 'x';
	double begin = nanos();
	int i;

	for (i = 0; i < ROUND_TRIPS; i++) {
		move_byte(write(there[1], &byte, 1), "write");
		move_byte(read(back[0], &byte, 1), "read");
	}
	return (nanos() - begin) / 1e3 / ROUND_TRIPS;
}

/* Reading from an image */

static char *buffer;

static void
image_setup(void)
{

	boot();
	own_lwp();
	check((buffer = malloc(CALL_BYTES)) == NULL, "malloc");
	memset(buffer, 0, CALL_BYTES);
	check((errno = rump_pub_etfs_register(DEVICE, image, RUMP_ETFS_BLK)) != 0, image);
	check(rump_sys_mkdir(MOUNT_POINT, 0777) == -1, "mkdir");
}

static void
mount_with(int flags)
{
	struct rump_ufs_args args;

	memset(&args, 0, sizeof(args));
	args.fspec = (char *)(uintptr_t)DEVICE;
	check(rump_sys_mount(type, MOUNT_POINT, flags, &args, sizeof(args)) == -1, "mount");
}

static void
mount_image(void)
{

	mount_with(RUMP_MNT_RDONLY);
}

static void
unmount_image(void)
{

	check(rump_sys_unmount(MOUNT_POINT, 0) == -1, "unmount");
}

static int
open_big_file(void)
{
	int fd = rump_sys_open(BIG_FILE, RUMP_O_RDONLY);

	check(fd == -1, BIG_FILE);
	return fd;
}

static void
read_all(int fd)
{
	ssize_t n;
	off_t at;

	for (at = 0; at < FILE_BYTES; at += n)
		check((n = rump_sys_pread(fd, buffer, CALL_BYTES, at)) <= 0, "pread");
}

static double
mib_per_second(double bytes, double begin)
{

	return bytes / (1 << 20) / ((nanos() - begin) / 1e9);
}

static double
cold_read_round(void)
{
	double begin, speed;
	int fd;

	mount_image();
	fd = open_big_file();
	begin = nanos();
	read_all(fd);
	speed = mib_per_second(FILE_BYTES, begin);
	rump_sys_close(fd);
	unmount_image();
	return speed;
}

static int warm_fd;

static void
warm_setup(void)
{

	image_setup();
	mount_image();
	warm_fd = open_big_file();
	read_all(warm_fd);
}

static double
warm_read_round(void)
{
	double begin = nanos();
	int i;

	for (i = 0; i < WARM_PASSES; i++)
		read_all(warm_fd);
	return mib_per_second((double)WARM_PASSES * FILE_BYTES, begin);
}

/* The generator of both sides: MMIX's, the upper bits of it. */
static uint64_t state = 1;

static off_t
random_page(void)
{

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (off_t)((state >> 33) % (FILE_BYTES / PAGE_BYTES)) * PAGE_BYTES;
}

static double
random_read_round(void)
{
	double begin, micros;
	int fd, i;

	mount_image();
	fd = open_big_file();
	begin = nanos();
	for (i = 0; i < RANDOM_READS; i++)
		check(rump_sys_pread(fd, buffer, PAGE_BYTES, random_page()) != PAGE_BYTES, "pread");
	micros = (nanos() - begin) / 1e3 / RANDOM_READS;
	rump_sys_close(fd);
	unmount_image();
	return micros;
}

/* Writing to an image, which stays mounted. Each round leaves it as it was. */

#define FILES 10000
#define SMALL_BYTES 1024
#define FSYNCS 200
#define WRITTEN MOUNT_POINT "/written"
#define FOLDER MOUNT_POINT "/files"

static int written_fd;

static int
create_file(const char *path)
{
	int fd = rump_sys_open(path, RUMP_O_RDWR | RUMP_O_CREAT | RUMP_O_EXCL, 0644);

	check(fd == -1, path);
	return fd;
}

static void
write_all(int fd)
{
	off_t at;

	for (at = 0; at < FILE_BYTES; at += CALL_BYTES)
		check(rump_sys_pwrite(fd, buffer, CALL_BYTES, at) != CALL_BYTES, "pwrite");
}

static void
writing_setup(void)
{

	image_setup();
	memset(buffer, 'x', CALL_BYTES);
	mount_with(0);
}

static double
write_fsync_round(void)
{
	int fd = create_file(WRITTEN);
	double begin = nanos(), speed;

	write_all(fd);
	check(rump_sys_fsync(fd) == -1, "fsync");
	speed = mib_per_second(FILE_BYTES, begin);
	rump_sys_close(fd);
	check(rump_sys_unlink(WRITTEN) == -1, "unlink");
	rump_sys_sync();
	return speed;
}

static void
fsync_block_setup(void)
{

	writing_setup();
	written_fd = create_file(WRITTEN);
	write_all(written_fd);
	check(rump_sys_fsync(written_fd) == -1, "fsync");
}

static double
fsync_block_round(void)
{
	double begin = nanos();
	int i;

	for (i = 0; i < FSYNCS; i++) {
		check(rump_sys_pwrite(written_fd, buffer, PAGE_BYTES, random_page()) != PAGE_BYTES, "pwrite");
		check(rump_sys_fsync(written_fd) == -1, "fsync");
	}
	return (nanos() - begin) / 1e3 / FSYNCS;
}

static const char *
small_file(int i)
{
	static char path[64];

	snprintf(path, sizeof(path), FOLDER "/f%d", i);
	return path;
}

static double
create_files(void)
{
	double begin;
	int fd, i;

	check(rump_sys_mkdir(FOLDER, 0755) == -1, "mkdir");
	begin = nanos();
	for (i = 0; i < FILES; i++) {
		fd = create_file(small_file(i));
		check(rump_sys_write(fd, buffer, SMALL_BYTES) != SMALL_BYTES, "write");
		rump_sys_close(fd);
	}
	rump_sys_sync();
	return (nanos() - begin) / 1e3 / FILES;
}

static double
remove_files(void)
{
	double begin = nanos();
	int i;

	for (i = 0; i < FILES; i++)
		check(rump_sys_unlink(small_file(i)) == -1, "unlink");
	check(rump_sys_rmdir(FOLDER) == -1, "rmdir");
	rump_sys_sync();
	return (nanos() - begin) / 1e3 / FILES;
}

static double
create_round(void)
{
	double micros = create_files();

	remove_files();
	return micros;
}

static double
remove_round(void)
{

	create_files();
	return remove_files();
}

/* TCP: much data one way and then a byte back, or a byte there and a byte back. Numbers and addresses are NetBSD's. */

#define NB_AF_INET 2
#define NB_SOCK_STREAM 1
#define NB_IPPROTO_TCP 6
#define NB_TCP_NODELAY 1
#define PORT 4711
#define TCP_ROUND_TRIPS 2000
#define RETRIES 500
#define FIRST_ADDRESS "10.0.0.1"
#define SECOND_ADDRESS "10.0.0.2"

/* Only some of the libraries that this is linked with have them. */
#pragma weak rump_pub_netconfig_ifcreate
#pragma weak rump_pub_netconfig_ifup
#pragma weak rump_pub_netconfig_ifsetlinkstr
#pragma weak rump_pub_netconfig_ipv4_ifaddr_cidr

struct nb_sockaddr_in {
	uint8_t len, family;
	uint16_t port;
	uint32_t address;
	uint8_t zero[8];
};

static int connection, listening;
static void (*serve)(int);

static struct nb_sockaddr_in
address_of(const char *name)
{
	struct nb_sockaddr_in in;

	memset(&in, 0, sizeof(in));
	in.len = sizeof(in);
	in.family = NB_AF_INET;
	in.port = htons(PORT);
	in.address = inet_addr(name);
	return in;
}

static int
tcp_socket(void)
{
	int s = rump_sys_socket(NB_AF_INET, NB_SOCK_STREAM, 0);

	check(s == -1, "socket");
	return s;
}

static void
no_delay(int s)
{
	int one = 1;

	check(rump_sys_setsockopt(s, NB_IPPROTO_TCP, NB_TCP_NODELAY, &one, sizeof(one)) == -1, "setsockopt");
}

static void
tcp_listen(void)
{
	struct nb_sockaddr_in in = address_of("0.0.0.0");

	listening = tcp_socket();
	check(rump_sys_bind(listening, (void *)&in, sizeof(in)) == -1, "bind");
	check(rump_sys_listen(listening, 1) == -1, "listen");
}

static void
tcp_accept(void)
{
	int s = rump_sys_accept(listening, NULL, NULL);

	check(s == -1, "accept");
	no_delay(s);
	serve(s);
}

/* The other end may not be there yet. */
static void
tcp_connect(const char *name)
{
	struct nb_sockaddr_in in = address_of(name);
	int i;

	for (i = 0; i < RETRIES; i++) {
		connection = tcp_socket();
		no_delay(connection);
		if (rump_sys_connect(connection, (void *)&in, sizeof(in)) == 0)
			return;
		rump_sys_close(connection);
		usleep(20000);
	}
	die("connect");
}

static void *
tcp_thread(void *arg)
{

	check((errno = rump_pub_lwproc_newlwp(*(pid_t *)arg)) != 0, "newlwp");
	tcp_accept();
	return arg;
}

static void
tcp_buffer(void)
{

	check((buffer = calloc(1, CALL_BYTES)) == NULL, "calloc");
}

static void
loopback(void (*server)(int))
{
	static pid_t pid;
	pthread_t thread;

	serve = server;
	tcp_buffer();
	boot();
	own_lwp();
	pid = rump_sys_getpid();
	tcp_listen();
	check((errno = pthread_create(&thread, NULL, tcp_thread, &pid)) != 0, "pthread_create");
	tcp_connect("127.0.0.1");
}

static void
boot_on_bus(const char *bus, const char *name)
{

	boot();
	own_lwp();
	check((errno = rump_pub_netconfig_ifcreate("shmif0")) != 0, "ifcreate");
	check((errno = rump_pub_netconfig_ifsetlinkstr("shmif0", bus)) != 0, "ifsetlinkstr");
	check((errno = rump_pub_netconfig_ipv4_ifaddr_cidr("shmif0", name, 24)) != 0, "ipv4_ifaddr_cidr");
	check((errno = rump_pub_netconfig_ifup("shmif0")) != 0, "ifup");
}

/* Two processes with a kernel each. The second goes with the first. */
static void
two_kernels(void (*server)(int))
{
	char bus[] = "/tmp/rump4j-bus-XXXXXX";

	serve = server;
	tcp_buffer();
	check(mkstemp(bus) == -1, "mkstemp");
	switch (fork()) {
	case -1:
		die("fork");
	case 0:
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		boot_on_bus(bus, SECOND_ADDRESS);
		tcp_listen();
		tcp_accept();
		_exit(0);
	}
	boot_on_bus(bus, FIRST_ADDRESS);
	tcp_connect(SECOND_ADDRESS);
	unlink(bus);
}

static ssize_t
moved(ssize_t n, const char *what)
{

	check(n <= 0, what);
	return n;
}

static void
sink(int s)
{
	char *into = malloc(CALL_BYTES);
	long at;

	for (;;) {
		for (at = 0; at < FILE_BYTES;)
			at += moved(rump_sys_read(s, into, CALL_BYTES), "read");
		moved(rump_sys_write(s, into, 1), "write");
	}
}

static void
tcp_echo(int s)
{
	char byte;

	for (;;) {
		moved(rump_sys_read(s, &byte, 1), "read");
		moved(rump_sys_write(s, &byte, 1), "write");
	}
}

static void
tcp_stream_setup(void)
{

	loopback(sink);
}

static void
tcp_round_trip_setup(void)
{

	loopback(tcp_echo);
}

static void
net_stream_setup(void)
{

	two_kernels(sink);
}

static void
net_round_trip_setup(void)
{

	two_kernels(tcp_echo);
}

static double
stream_round(void)
{
	double begin = nanos();
	long at;

	for (at = 0; at < FILE_BYTES;)
		at += moved(rump_sys_write(connection, buffer, CALL_BYTES), "write");
	moved(rump_sys_read(connection, buffer, 1), "read");
	return mib_per_second(FILE_BYTES, begin);
}

static double
tcp_round_trip_round(void)
{
	double begin = nanos();
	char byte = 'x';
	int i;

	for (i = 0; i < TCP_ROUND_TRIPS; i++) {
		moved(rump_sys_write(connection, &byte, 1), "write");
		moved(rump_sys_read(connection, &byte, 1), "read");
	}
	return (nanos() - begin) / 1e3 / TCP_ROUND_TRIPS;
}

static void
nothing(void)
{
}

static void
boot_and_own_lwp(void)
{

	boot();
	own_lwp();
}

static const struct workload {
	const char *name;
	void (*setup)(void);
	double (*round)(void);
} workloads[] = {
	{ "boot", nothing, boot_round },
	{ "kernels-time", nothing, kernels_time_round },
	{ "kernels-memory", nothing, kernels_memory_round },
	{ "idle", boot, idle_round },
	{ "getpid-own", boot_and_own_lwp, getpid_round },
	{ "getpid-implicit", boot, getpid_implicit_round },
	{ "getpid-threads", getpid_threads_setup, getpid_threads_round },
	{ "pipe", pipe_setup, pipe_round },
	{ "host-pipe", host_pipe_setup, host_pipe_round },
	{ "tcp-stream", tcp_stream_setup, stream_round },
	{ "tcp-round-trip", tcp_round_trip_setup, tcp_round_trip_round },
	{ "net-stream", net_stream_setup, stream_round },
	{ "net-round-trip", net_round_trip_setup, tcp_round_trip_round },
	{ "cold-read", image_setup, cold_read_round },
	{ "warm-read", warm_setup, warm_read_round },
	{ "random-read", image_setup, random_read_round },
	{ "write-fsync", writing_setup, write_fsync_round },
	{ "fsync-block", fsync_block_setup, fsync_block_round },
	{ "create", writing_setup, create_round },
	{ "remove", writing_setup, remove_round },
};

int
main(int argc, char *argv[])
{
	const struct workload *w = NULL;
	char line[16];
	size_t i;

	for (i = 0; argc > 1 && i < sizeof(workloads) / sizeof(*workloads); i++)
		if (strcmp(workloads[i].name, argv[1]) == 0)
			w = &workloads[i];
	if (w == NULL) {
		fprintf(stderr, "usage: reference workload [format image]\n");
		return 2;
	}
	type = argc > 2 && strcmp(argv[2], "FFS") == 0 ? RUMP_MOUNT_FFS : RUMP_MOUNT_EXT2FS;
	image = argc > 3 ? argv[3] : "";
	setvbuf(stdout, NULL, _IOLBF, 0);
	w->setup();
	printf("ready\n");
	while (fgets(line, sizeof(line), stdin) != NULL)
		printf("%.9g\n", w->round());
	return 0;
}
