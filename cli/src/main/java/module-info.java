/** The rump4j command. */
module org.rump4j.cli {
    requires static transitive org.jspecify;
    requires info.picocli;
    requires org.rump4j.netbsd;
    requires org.rump4j.rump;
}
