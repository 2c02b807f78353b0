package io.github.mirroredsupervisor.autoconfigure.children;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.internal.platform.Failures;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;
import org.springframework.integration.endpoint.AbstractEndpoint;
import org.springframework.integration.leader.Context;
import org.springframework.integration.leader.event.AbstractLeaderEvent;
import org.springframework.integration.leader.event.OnGrantedEvent;
import org.springframework.integration.leader.event.OnRevokedEvent;
import org.springframework.util.ClassUtils;

/**
 * Spring Integration's roles: while a child runs here, the role named like its id is granted here, so that the
 * endpoints in that role start and stop with the child. Does nothing without Spring Integration.
 */
final class RoleEvents {

    private static final Logger log = LoggerFactory.getLogger(RoleEvents.class);

    private static final boolean PRESENT = ClassUtils.isPresent(
            "org.springframework.integration.leader.event.OnGrantedEvent", RoleEvents.class.getClassLoader());

    private RoleEvents() {}

    /**
     * Wraps a process so that the events of its role are published at the start and the end of its run.
     *
     * @param role the role; null means the child's id
     */
    static ChildProcess around(ChildProcess process, @Nullable String role, ApplicationEventPublisher events) {
        return PRESENT ? new InRole(process, role, events) : process;
    }

    /** Loads the classes of a run in its role: a child that is handed here should not wait for them. */
    static void load() {
        if (PRESENT) {
            Grant.load();
        }
    }

    /** The endpoints that the context would start although they are in one of these roles, by name. */
    static Map<String, SmartLifecycle> automatic(ConfigurableListableBeanFactory beans, Set<String> roles) {
        return PRESENT && !roles.isEmpty() ? Endpoints.automatic(beans, roles) : Map.of();
    }

    /** A separate class, so that it is loaded only if Spring Integration is present. */
    private static final class Endpoints {

        static Map<String, SmartLifecycle> automatic(ConfigurableListableBeanFactory beans, Set<String> roles) {
            Map<String, SmartLifecycle> found = new LinkedHashMap<>();
            beans.getBeansOfType(AbstractEndpoint.class, false, false).forEach((name, endpoint) -> {
                String role = endpoint.getRole();
                if (role != null && roles.contains(role) && endpoint.isAutoStartup()) {
                    found.put(name, endpoint);
                }
            });
            return found;
        }
    }

    private static final class InRole implements ChildProcess {

        private final ChildProcess process;

        private final @Nullable String role;

        private final ApplicationEventPublisher events;

        private InRole(ChildProcess process, @Nullable String role, ApplicationEventPublisher events) {
            this.process = process;
            this.role = role;
            this.events = events;
        }

        @Override
        public void init(ChildContext context) throws Exception {
            process.init(context);
        }

        @Override
        public void run(ChildContext context) throws Exception {
            Grant grant = new Grant(context, role == null ? context.childId() : role, events);
            if (!context.isStopping()) {
                grant.publish();
                context.onForcedStop(grant::revoke); // a run that ignores its stop must not keep the endpoints running
            }
            try {
                process.run(context);
            } finally {
                grant.revoke();
            }
        }
    }

    /** The role, held from the beginning of a run to its end. */
    private static final class Grant implements Context {

        private final ChildContext context;

        private final String role;

        private final ApplicationEventPublisher events;

        private final AtomicBoolean granted = new AtomicBoolean();

        private Grant(ChildContext context, String role, ApplicationEventPublisher events) {
            this.context = context;
            this.role = role;
            this.events = events;
        }

        /** Also loads the class that uses it. */
        static void load() {
            log.trace("{} is loaded", InRole.class);
        }

        void publish() {
            granted.set(true);
            publish(new OnGrantedEvent(context, this, role));
        }

        void revoke() {
            if (granted.compareAndSet(true, false)) {
                boolean interrupted = Thread.interrupted(); // it would make waits in the endpoints fail
                publish(new OnRevokedEvent(context, this, role));
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }

        private void publish(AbstractLeaderEvent event) {
            try {
                events.publishEvent(event);
            } catch (Exception | LinkageError | AssertionError ex) {
                log.warn("A listener failed on {}", event, Failures.printable(ex));
            }
        }

        @Override
        public boolean isLeader() {
            return granted.get() && context.mayRun();
        }

        /** Does nothing: only a candidate can give its role back; a child is moved by its supervisor. */
        @Override
        public void yield() {
            log.debug("Child '{}' does not yield the role {}", context.childId(), role);
        }

        @Override
        public String getRole() {
            return role;
        }
    }
}
