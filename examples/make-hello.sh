#!/bin/sh
# Makes hello.ext2 anew, but for the times at which inodes have changed. To be run as root (device nodes), with e2fsprogs 1.47.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
umask 022
cd "$tree"

mkdir -p etc dev run home/ada/projects home/grace
cat >README <<'END'
Hello from inside of a disk image.

Nobody has mounted it: a kernel that runs inside of a Java process reads it.
Look around with

    ./rump4j ls -laiR examples/hello.ext2
    ./rump4j cat examples/hello.ext2:/home/ada/projects/engine.txt
    ./rump4j cp -rp examples/hello.ext2:/home .
END
printf 'root:x:0:0:Charlie &:/:/bin/sh\nada:x:1815:100:Ada Lovelace:/home/ada:/bin/sh\n' >etc/passwd
printf 'grace:x:1906:100:Grace Hopper:/home/grace:/bin/sh\n' >>etc/passwd
printf 'wheel:x:0:root\nusers:x:100:ada,grace\n' >etc/group
printf 'The Analytical Engine weaves algebraical patterns.\n' >home/ada/projects/engine.txt
printf 'First actual case of bug being found.\n' >home/grace/bug.txt
printf 'B0 = 1\nB1 = 1/2\nB2 = 1/6\nB4 = -1/30\n' >home/ada/projects/bernoulli.txt
printf 'naturally\n' >'home/ada/naïve café.txt'
printf 'two lines\n' >'home/ada/new
line'
printf 'latin-1\n' >"$(printf 'home/ada/caf\351')"
printf '.\n' >home/ada/.profile
printf 'first' >home/ada/mostly-nothing
printf 'last' | dd of=home/ada/mostly-nothing bs=1 seek=$((64 * 1024 * 1024 - 4)) conv=notrunc status=none
printf '#!/bin/sh\necho hello\n' >home/ada/projects/hello
ln home/ada/projects/hello home/grace/hello
ln -s /etc/passwd home/passwd
ln -s projects/engine.txt home/ada/engine
ln -s nowhere home/grace/dangling
mkfifo run/initctl
mknod dev/console c 5 1
mknod dev/sd0a b 8 1
chown -R 1815:100 home/ada
chown -R 1906:100 home/grace
chown 1815:100 home/ada/projects/hello
chmod 755 home/ada/projects/hello
chmod 600 home/ada/.profile run/initctl
chmod 1777 run
find . -exec touch -h -d '2026-01-01 12:00:00 UTC' {} +

rm -f "$here/hello.ext2"
E2FSPROGS_FAKE_TIME=1767268800 mke2fs -q -t ext2 -b 1024 -I 256 -N 48 -m 0 -L hello \
    -U 0b1ec7ed-c0de-4a11-8e11-0f0e0d0c0b0a -E hash_seed=5eed5eed-5eed-4eed-8eed-5eed5eed5eed \
    -d "$tree" "$here/hello.ext2" 96k
