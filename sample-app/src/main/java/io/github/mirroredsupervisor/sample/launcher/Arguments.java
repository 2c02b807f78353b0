package io.github.mirroredsupervisor.sample.launcher;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The command line: the sample's own options, whose names have no dot, and Spring's properties, whose names do.
 *
 * @param options own options by name, without the leading dashes
 * @param properties Spring's arguments as they were written
 */
public record Arguments(Map<String, String> options, List<String> properties) {

    public Arguments {
        options = Map.copyOf(options);
        properties = List.copyOf(properties);
    }

    /**
     * Takes a command line apart.
     *
     * @throws InvalidArgumentException if an argument is not of the form {@code --name=value} or {@code --flag}
     */
    public static Arguments parse(String... args) {
        Map<String, String> options = new LinkedHashMap<>();
        List<String> properties = new ArrayList<>();
        for (String arg : args) {
            if (!arg.startsWith("--") || arg.length() == 2) {
                throw new InvalidArgumentException("Cannot use the argument '" + arg + "': write --name=value");
            }
            int equals = arg.indexOf('=');
            String name = equals < 0 ? arg.substring(2) : arg.substring(2, equals);
            if (name.contains(".") || name.equals("debug") || name.equals("trace")) {
                properties.add(arg);
            } else {
                options.put(name, equals < 0 ? "true" : arg.substring(equals + 1));
            }
        }
        return new Arguments(options, properties);
    }

    /**
     * Refuses options that nobody reads.
     *
     * @throws InvalidArgumentException if there is an option of another name
     */
    public void requireKnown(Set<String> known) {
        for (String name : new TreeSet<>(options.keySet())) {
            if (!name.equals("role") && !known.contains(name)) {
                throw new InvalidArgumentException(
                        "There is no option --" + name + ". Options: --" + String.join(", --", new TreeSet<>(known)));
            }
        }
    }

    public String text(String name, String fallback) {
        return options.getOrDefault(name, fallback);
    }

    /**
     * The value of an option.
     *
     * @throws InvalidArgumentException if the option is no whole number in the given range
     */
    public int number(String name, int fallback, int min, int max) {
        String text = options.get(name);
        if (text == null) {
            return fallback;
        }
        Integer value = wholeNumber(text);
        if (value == null || value < min || value > max) {
            throw new InvalidArgumentException(
                    "--" + name + "=" + text + " cannot be used: a whole number from " + min + " to " + max);
        }
        return value;
    }

    private static @Nullable Integer wholeNumber(String text) {
        try {
            return Integer.valueOf(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
