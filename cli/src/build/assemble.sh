#!/bin/sh
# Puts together what ./rump4j runs: modules, manual pages, completion, and the AOT cache that makes it start fast. Run by the build as
#
#   assemble.sh ROOT APP JAR CLASSPATH
#
# ROOT    folder of the whole project
# APP     folder to put things into
# JAR     this module
# CLASSPATH    the modules that it needs
set -eu
root=$1 app=$2 jar=$3 classpath=$4
. "$root/etc/find-jdk.sh"
jdk=$(find_jdk) || no_jdk assemble.sh
build=$root/cli/src/build

mkdir -p "$app"
"$jdk/bin/java" -XX:TieredStopAtLevel=1 "$build/java/Assemble.java" "$app/lib" "$classpath" "$jar"
"$jdk/bin/java" --module-path "$app/lib" --module org.rump4j.cli/org.rump4j.cli.ManPages "$app/share"
# It tells at length of how it makes the cache, which is of interest only where it does not.
said=$("$jdk/bin/java" "@$build/jvm.options" "-XX:AOTCacheOutput=$app/rump4j.aot" --module-path "$app/lib" \
    --module org.rump4j.cli/org.rump4j.cli.Training "$root/examples/hello.ext2" 2>&1) && [ -s "$app/rump4j.aot" ] || {
    printf '%s\n' "$said" >&2
    exit 1
}
# Last, because ./rump4j takes it for the time of the build.
printf '%s\n' "$jdk" >"$app/jdk"
