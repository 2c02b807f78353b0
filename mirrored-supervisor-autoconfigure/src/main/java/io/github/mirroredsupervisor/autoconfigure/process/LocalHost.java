package io.github.mirroredsupervisor.autoconfigure.process;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/** The machine's name, for display. */
public final class LocalHost {

    private LocalHost() {}

    /** Prefers the environment variable, which containers set, over the name resolver, which may be slow. */
    public static String name(Environment environment) {
        for (String variable : new String[] {"HOSTNAME", "COMPUTERNAME"}) {
            String value = environment.getProperty(variable);
            if (StringUtils.hasText(value)) {
                return value;
            }
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException ex) {
            return "localhost";
        }
    }
}
