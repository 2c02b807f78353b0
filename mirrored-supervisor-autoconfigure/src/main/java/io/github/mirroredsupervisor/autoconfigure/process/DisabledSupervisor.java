package io.github.mirroredsupervisor.autoconfigure.process;

import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.SupervisionDisabledException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/** A supervisor that returns its group and refuses all other calls. Thread-safe. */
public final class DisabledSupervisor implements InvocationHandler {

    private final String group;

    private DisabledSupervisor(String group) {
        this.group = group;
    }

    static MirroredSupervisor of(String group) {
        return (MirroredSupervisor) Proxy.newProxyInstance(
                MirroredSupervisor.class.getClassLoader(),
                new Class<?>[] {MirroredSupervisor.class},
                new DisabledSupervisor(group));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) {
        return switch (method.getName()) {
            case "group" -> group;
            case "hashCode" -> System.identityHashCode(proxy);
            case "equals" -> arguments != null && proxy == arguments[0];
            case "toString" -> "disabled supervisor of group '" + group + "'";
            default ->
                throw new SupervisionDisabledException(
                        "Mirrored supervision is switched off here by " + "mirrored-supervisor.enabled=false: group '"
                                + group + "' cannot be asked for " + method.getName());
        };
    }
}
