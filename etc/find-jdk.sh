# Finds a JDK for the project. Sourced by ./mvnw and ./rump4j; starts no process but `readlink`.
#
#   find_jdk    prints the home of the first JDK of RUMP4J_JDK_MIN or newer, or fails
#
# Order: RUMP4J_JAVA_HOME, JAVA_HOME, JDK_HOME, JAVA_HOME_25_*, the `java` on the path, then the usual folders.

RUMP4J_JDK_MIN=25

# True where $1 is the home of a JDK (javac, not only a runtime) that is new enough.
is_jdk() {
    [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
    while IFS='=' read -r key value; do
        [ "$key" = JAVA_VERSION ] || continue
        value=${value#\"}
        value=${value%%[!0-9]*}
        [ "${value:-0}" -ge "$RUMP4J_JDK_MIN" ]
        return
    done <"$1/release"
    return 1
}

find_jdk() {
    on_path=$(command -v java 2>/dev/null) && on_path=$(readlink -f "$on_path" 2>/dev/null) || on_path=
    for home in \
        "${RUMP4J_JAVA_HOME-}" "${JAVA_HOME-}" "${JDK_HOME-}" \
        "${JAVA_HOME_25_X64-}" "${JAVA_HOME_25_AARCH64-}" "${JAVA_HOME_25_ARM64-}" \
        "${on_path%/bin/java}" \
        /usr/lib/jvm/* /usr/lib64/jvm/* /usr/java/* /usr/local/java/* /usr/local/openjdk* /opt/java/* /opt/jdk* \
        "${HOME-}"/.sdkman/candidates/java/* "${HOME-}"/.jdks/* "${HOME-}"/.asdf/installs/java/* \
        "${HOME-}"/.local/share/mise/installs/java/* "${HOME-}"/.m2/jdks/* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home \
        /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
        /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
        /usr/pkg/java/*; do
        if [ -n "$home" ] && is_jdk "$home"; then
            printf '%s\n' "$home"
            return 0
        fi
    done
    return 1
}

no_jdk() {
    echo "$1: no JDK $RUMP4J_JDK_MIN or newer was found: install one (for example Eclipse Temurin," \
        "https://adoptium.net) or set JAVA_HOME to where it is." >&2
    exit 1
}
