package io.github.mirroredsupervisor;

/**
 * One run of one child: the counterpart of OTP's pid.
 *
 * @param group the group's name
 * @param childId the child's id in the group
 * @param fencingToken the token granted for this run; later runs have greater ones
 * @param owner the peer that runs it
 */
public record ChildRef(String group, String childId, long fencingToken, PeerRef owner) {}
