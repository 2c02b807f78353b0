package io.github.mirroredsupervisor.internal.lease;

/**
 * A setting that is invalid, alone or in combination with others.
 *
 * @param setting the setting to change, as written in a configuration: {@code renew-interval}
 * @param value its value
 * @param problem why this value cannot work
 * @param advice what to change it to
 */
public record InvalidSetting(String setting, String value, String problem, String advice) {

    @Override
    public String toString() {
        return setting + " is " + value + ", " + problem;
    }
}
