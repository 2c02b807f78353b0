package io.github.mirroredsupervisor.internal.lease;

/**
 * A setting that cannot be kept, alone or together with others.
 *
 * @param setting the setting to change, as people write it: {@code renew-interval}
 * @param value what it is
 * @param problem why that cannot work
 * @param advice what to change it to
 */
public record InvalidSetting(String setting, String value, String problem, String advice) {

    @Override
    public String toString() {
        return setting + " is " + value + ", " + problem;
    }
}
