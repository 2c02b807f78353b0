package io.github.mirroredsupervisor.autoconfigure;

import static java.util.Objects.requireNonNullElse;

import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import io.github.mirroredsupervisor.autoconfigure.process.GroupNames;
import io.github.mirroredsupervisor.internal.lease.InvalidSetting;
import io.github.mirroredsupervisor.internal.lease.LeaseTimings;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies;
import io.github.mirroredsupervisor.internal.store.rows.GroupSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The settings with every default filled in and free of contradictions.
 *
 * @param rules the times of the protocol
 * @param groups the settings of each group by name, the default group first
 * @param primaryGroup the default group's name
 * @param callTimeout how long a command waits for the owner's answer
 * @param historyRetention how long history is kept
 */
record SupervisorSettings(
        LeaseTimings rules,
        Map<String, GroupSettings> groups,
        String primaryGroup,
        Duration callTimeout,
        Duration historyRetention) {

    private static final Duration LONGEST = Duration.ofDays(3660);

    private static final int LONGEST_NAME = 255;

    /**
     * Fills in the defaults and checks the result.
     *
     * @throws SupervisorStartException with every contradiction that was found
     */
    static SupervisorSettings resolve(SupervisorProperties properties, GroupNames names) {
        LeaseTimings rules = LeaseTimings.resolve(
                properties.profile(), properties.lease(), properties.renewInterval(), properties.stopBound());
        Map<String, GroupSettings> groups = new LinkedHashMap<>();
        names.all().forEach(name -> groups.put(name, group(name, properties)));
        SupervisorSettings settings = new SupervisorSettings(
                rules,
                groups,
                names.primary(),
                properties.callTimeout(),
                properties.history().retention());
        settings.refuseContradictions(properties);
        return settings;
    }

    private static GroupSettings group(String name, SupervisorProperties properties) {
        SupervisorProperties.Group group = properties.groups().get(name);
        if (group == null) {
            return new GroupSettings(
                    name,
                    properties.strategy(),
                    properties.intensity(),
                    properties.period(),
                    properties.restartDelay(),
                    longest(properties.restartDelayMax(), properties.restartDelay()),
                    properties.concurrentStarts(),
                    new GroupPolicies(
                            properties.autoShutdown(),
                            properties.onIntensityExceeded(),
                            properties.onEmptyGroup(),
                            properties.onStartFailure(),
                            properties.onUndeclared(),
                            properties.groupRestartDelay()));
        }
        Duration restartDelay = requireNonNullElse(group.restartDelay(), properties.restartDelay());
        return new GroupSettings(
                name,
                requireNonNullElse(group.strategy(), properties.strategy()),
                requireNonNullElse(group.intensity(), properties.intensity()),
                requireNonNullElse(group.period(), properties.period()),
                restartDelay,
                longest(
                        group.restartDelayMax() == null ? properties.restartDelayMax() : group.restartDelayMax(),
                        restartDelay),
                requireNonNullElse(group.concurrentStarts(), properties.concurrentStarts()),
                new GroupPolicies(
                        requireNonNullElse(group.autoShutdown(), properties.autoShutdown()),
                        requireNonNullElse(group.onIntensityExceeded(), properties.onIntensityExceeded()),
                        requireNonNullElse(group.onEmptyGroup(), properties.onEmptyGroup()),
                        requireNonNullElse(group.onStartFailure(), properties.onStartFailure()),
                        requireNonNullElse(group.onUndeclared(), properties.onUndeclared()),
                        group.groupRestartDelay() == null
                                ? properties.groupRestartDelay()
                                : group.groupRestartDelay()));
    }

    private static Duration longest(@Nullable Duration configured, Duration restartDelay) {
        return configured == null ? GroupSettings.longestDelay(restartDelay) : configured;
    }

    private void refuseContradictions(SupervisorProperties properties) {
        Map<String, InvalidSetting> found = new TreeMap<>();
        List<InvalidSetting> all = new ArrayList<>(rules.contradictions());
        bounded("call-timeout", callTimeout, false, all);
        bounded("history.retention", historyRetention, false, all);
        poison(properties.poison().maxCrashes(), all);
        groups.forEach((name, group) -> {
            SupervisorProperties.Group own = properties.groups().get(name);
            String prefix = "groups." + name + ".";
            name(name, all);
            intensity(own != null && own.intensity() != null ? prefix : "", group, all);
            concurrentStarts(own != null && own.concurrentStarts() != null ? prefix : "", group, all);
            bounded((own != null && own.period() != null ? prefix : "") + "period", group.period(), false, all);
            bounded(
                    (own != null && own.restartDelay() != null ? prefix : "") + "restart-delay",
                    group.restartDelay(),
                    true,
                    all);
            restartDelayMax(
                    (own != null && (own.restartDelayMax() != null || own.restartDelay() != null) ? prefix : ""),
                    group,
                    all);
            if (group.policies().restartAfter() != null) {
                bounded(
                        (own != null && own.groupRestartDelay() != null ? prefix : "") + "group-restart-delay",
                        group.policies().restartAfter(),
                        false,
                        all);
            }
        });
        all.forEach(contradiction -> found.putIfAbsent(contradiction.setting(), contradiction));
        if (!found.isEmpty()) {
            throw refusal(found);
        }
    }

    private static void name(String name, List<InvalidSetting> all) {
        if (name.length() > LONGEST_NAME || name.chars().anyMatch(Character::isISOControl)) {
            all.add(new InvalidSetting(
                    "group",
                    "'" + name + "'",
                    "not a name",
                    "at most " + LONGEST_NAME + " characters without control characters"));
        }
    }

    private static void poison(int maxCrashes, List<InvalidSetting> all) {
        if (maxCrashes < 0 || maxCrashes == 1) {
            all.add(new InvalidSetting(
                    "poison.max-crashes",
                    Integer.toString(maxCrashes),
                    "after a single death nobody can tell which child it was",
                    "2 or more, or 0 to quarantine none"));
        }
    }

    private static void intensity(String prefix, GroupSettings group, List<InvalidSetting> all) {
        if (group.intensity() < 0) {
            all.add(new InvalidSetting(
                    prefix + "intensity", Integer.toString(group.intensity()), "negative", "zero or more restarts"));
        }
    }

    private static void concurrentStarts(String prefix, GroupSettings group, List<InvalidSetting> all) {
        if (group.concurrentStarts() < 1) {
            all.add(new InvalidSetting(
                    prefix + "concurrent-starts",
                    Integer.toString(group.concurrentStarts()),
                    "too few to start anything",
                    "1 or more, where 1 starts one child after another"));
        }
    }

    private static void restartDelayMax(String prefix, GroupSettings group, List<InvalidSetting> all) {
        String setting = prefix + "restart-delay-max";
        Duration longest = group.restartDelayMax();
        if (longest.compareTo(group.restartDelay()) < 0) {
            all.add(new InvalidSetting(
                    setting,
                    LeaseTimings.text(longest),
                    "shorter than restart-delay, which is " + LeaseTimings.text(group.restartDelay()),
                    "at least " + LeaseTimings.text(group.restartDelay())));
        } else {
            bounded(setting, longest, true, all);
        }
    }

    private static void bounded(String setting, Duration value, boolean zeroIsFine, List<InvalidSetting> all) {
        if (value.isNegative() || (value.isZero() && !zeroIsFine)) {
            all.add(new InvalidSetting(
                    setting,
                    LeaseTimings.text(value),
                    zeroIsFine ? "negative" : "not a positive duration",
                    zeroIsFine ? "zero or a positive duration" : "a positive duration"));
        } else if (value.compareTo(LONGEST) > 0) {
            all.add(new InvalidSetting(
                    setting, value.toString(), "longer than ten years", "at most " + LONGEST.toDays() + "d"));
        }
    }

    private static SupervisorStartException refusal(Map<String, InvalidSetting> found) {
        String description = found.values().stream()
                .map(contradiction -> "  mirrored-supervisor." + contradiction)
                .collect(Collectors.joining("\n", "Settings of the mirrored supervisor cannot be kept:\n", ""));
        String action = found.values().stream()
                .map(contradiction ->
                        "  mirrored-supervisor." + contradiction.setting() + ": " + contradiction.advice())
                .collect(Collectors.joining("\n", "Change these settings:\n", ""));
        return new SupervisorStartException(Problem.CONTRADICTING_SETTINGS, description, action);
    }
}
