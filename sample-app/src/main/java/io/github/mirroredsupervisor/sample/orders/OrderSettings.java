package io.github.mirroredsupervisor.sample.orders;

/**
 * How busy the business is.
 *
 * @param tenants how many tenants order
 * @param perSecond how many orders they place together
 */
public record OrderSettings(int tenants, int perSecond) {}
