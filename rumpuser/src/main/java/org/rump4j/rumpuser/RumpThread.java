package org.rump4j.rumpuser;

/** A joinable thread of the host: the cookie that {@link ThreadCalls#threadCreate} gives and {@link ThreadCalls#threadJoin} takes. */
public interface RumpThread {}
