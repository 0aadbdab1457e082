package org.rump4j.kern;

import java.util.Arrays;

/**
 * Credentials, which do not change: whoever changes who they are gets new ones. Source: NetBSD {@code kauth(9)} with the
 * traditional BSD security model.
 */
public final class Cred {
    /** Groups that a process can be in beside its own ({@code NGROUPS_MAX}). */
    public static final int NGROUPS_MAX = 16;

    /** The superuser. */
    public static final Cred ROOT = new Cred(0, 0, 0, 0, 0, 0, new int[0]);

    private final int uid;
    private final int euid;
    private final int svuid;
    private final int gid;
    private final int egid;
    private final int svgid;
    private final int[] groups;

    private Cred(int uid, int euid, int svuid, int gid, int egid, int svgid, int[] groups) {
        this.uid = uid;
        this.euid = euid;
        this.svuid = svuid;
        this.gid = gid;
        this.egid = egid;
        this.svgid = svgid;
        this.groups = groups;
    }

    /** Real user id. */
    public int uid() {
        return uid;
    }

    /** Effective user id. */
    public int euid() {
        return euid;
    }

    /** Saved user id. */
    public int svuid() {
        return svuid;
    }

    /** Real group id. */
    public int gid() {
        return gid;
    }

    /** Effective group id. */
    public int egid() {
        return egid;
    }

    /** Saved group id. */
    public int svgid() {
        return svgid;
    }

    /** The supplementary groups. */
    public int[] groups() {
        return groups.clone();
    }

    /** Whether the effective user is the superuser. */
    public boolean isSuperuser() {
        return euid == 0;
    }

    /** Whether a group is the effective one or among the supplementary ones. */
    public boolean isMember(int group) {
        if (egid == group) {
            return true;
        }
        for (int g : groups) {
            if (g == group) {
                return true;
            }
        }
        return false;
    }

    /** With other user ids. */
    public Cred withUids(int real, int effective, int saved) {
        return new Cred(real, effective, saved, gid, egid, svgid, groups);
    }

    /** With other group ids. */
    public Cred withGids(int real, int effective, int saved) {
        return new Cred(uid, euid, svuid, real, effective, saved, groups);
    }

    /** With other supplementary groups, {@link #NGROUPS_MAX} at the most. */
    public Cred withGroups(int... others) {
        return new Cred(uid, euid, svuid, gid, egid, svgid, others.clone());
    }

    /** As which {@code access(2)} checks: the real ids in the place of the effective ones. */
    public Cred asReal() {
        return uid == euid && gid == egid ? this : new Cred(uid, uid, svuid, gid, gid, svgid, groups);
    }

    @Override
    public String toString() {
        return "uid=" + uid + " euid=" + euid + " gid=" + gid + " egid=" + egid + " groups=" + Arrays.toString(groups);
    }
}
