package io.github.mirroredsupervisor.autoconfigure.children;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildExit;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.LastExit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.context.Lifecycle;
import org.springframework.context.SmartLifecycle;
import org.springframework.integration.leader.Candidate;
import org.springframework.integration.leader.Context;

class ChildBeansTests {

    private final DefaultListableBeanFactory beans = new DefaultListableBeanFactory();

    private final AtomicBoolean closing = new AtomicBoolean();

    private final ChildBeans childBeans = new ChildBeans(beans, closing::get, new OwnedLifecycles(), event -> {});

    private final ChildContext context = mock(ChildContext.class);

    private final List<String> calls = new ArrayList<>();

    @Test
    void runsAProcessAsItIs() throws Exception {
        ChildProcess process = child -> calls.add("run");
        beans.registerSingleton("child", process);

        runOnce();

        assertThat(calls).containsExactly("run");
    }

    @Test
    void runsARunnable() throws Exception {
        beans.registerSingleton("child", (Runnable) () -> calls.add("run"));

        runOnce();

        assertThat(calls).containsExactly("run");
    }

    @Test
    void stopsALifecycleWhenToldTo() throws Exception {
        beans.registerSingleton("child", new Recorder());
        when(context.isStopping()).thenReturn(false, false, true);

        runOnce();

        assertThat(calls).containsExactly("start", "stop");
    }

    @Test
    void waitsForTheCallbackOfASmartLifecycle() throws Exception {
        beans.registerSingleton("child", new SmartRecorder());
        when(context.isStopping()).thenReturn(true);

        runOnce();

        assertThat(calls).containsExactly("start", "stop(callback)");
    }

    @Test
    void endsWhenALifecycleStopsByItself() throws Exception {
        Recorder recorder = new Recorder();
        beans.registerSingleton("child", recorder);
        ChildProcess process = childBeans.factory("child").create();
        process.init(context);
        recorder.running = false;

        process.run(context);

        assertThat(calls).containsExactly("start");
    }

    @Test
    void waitsWhenTheClosingContextHasStoppedALifecycle() throws Exception {
        Recorder recorder = new Recorder();
        beans.registerSingleton("child", recorder);
        ChildProcess process = childBeans.factory("child").create();
        process.init(context);
        recorder.running = false;
        closing.set(true);
        when(context.isStopping()).thenReturn(false, false, false, true);

        process.run(context);

        verify(context, times(2)).sleep(any());
    }

    @Test
    void doesNotTakeOverALifecycleThatRunsAlready() throws Exception {
        Recorder recorder = new Recorder();
        recorder.running = true;
        beans.registerSingleton("child", recorder);
        ChildProcess process = childBeans.factory("child").create();

        assertThatIllegalStateException()
                .isThrownBy(() -> process.init(context))
                .withMessageContaining("already");
        assertThat(calls).isEmpty();
    }

    @Test
    void keepsTheInterruptOfItsStop() throws Exception {
        beans.registerSingleton("child", new SmartRecorder());
        when(context.isStopping()).thenReturn(true);
        Thread.currentThread().interrupt();

        runOnce();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(calls).containsExactly("start", "stop(callback)");
    }

    @Test
    void grantsAndRevokesACandidateOnTheRunsThread() throws Exception {
        beans.registerSingleton("child", new Aspirant(false));
        when(context.isStopping()).thenReturn(true);
        when(context.mayRun()).thenReturn(true);

        runOnce();

        assertThat(calls).containsExactly("granted to role, leader: true", "revoked");
    }

    @Test
    void restartsACandidateThatYields() {
        beans.registerSingleton("child", new Aspirant(true));

        assertThatExceptionOfType(ChildExit.class)
                .isThrownBy(this::runOnce)
                .satisfies(exit -> assertThat(exit.kind()).isEqualTo(LastExit.Kind.RESTART));
        assertThat(calls).containsExactly("granted to role, leader: false", "revoked");
    }

    @Test
    void destroysAnInstanceAfterItsRun() throws Exception {
        registerPrototype(false);

        runOnce();
        runOnce();

        assertThat(calls).containsExactly("run", "close", "run", "close");
    }

    @Test
    void destroysAnInstanceWhoseInitFails() {
        registerPrototype(true);

        assertThatIllegalStateException().isThrownBy(this::runOnce).withMessage("init");

        assertThat(calls).containsExactly("close");
    }

    private void runOnce() throws Exception {
        ChildProcess process = childBeans.factory("child").create();
        process.init(context);
        process.run(context);
    }

    private void registerPrototype(boolean failing) {
        RootBeanDefinition definition = new RootBeanDefinition(Instance.class, () -> new Instance(calls, failing));
        definition.setScope(RootBeanDefinition.SCOPE_PROTOTYPE);
        beans.registerBeanDefinition("child", definition);
    }

    private record Instance(List<String> calls, boolean failing) implements ChildProcess, AutoCloseable {

        @Override
        public void init(ChildContext context) {
            if (failing) {
                throw new IllegalStateException("init");
            }
        }

        @Override
        public void run(ChildContext context) {
            calls.add("run");
        }

        @Override
        public void close() {
            calls.add("close");
        }
    }

    private class Recorder implements Lifecycle {

        boolean running;

        @Override
        public void start() {
            calls.add("start");
            running = true;
        }

        @Override
        public void stop() {
            calls.add("stop");
            running = false;
        }

        @Override
        public boolean isRunning() {
            return running;
        }
    }

    private final class SmartRecorder extends Recorder implements SmartLifecycle {

        @Override
        public void stop(Runnable callback) {
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            calls.add("stop(callback)");
            running = false;
            callback.run();
        }
    }

    private final class Aspirant implements Candidate {

        private final boolean yields;

        private Aspirant(boolean yields) {
            this.yields = yields;
        }

        @Override
        public String getRole() {
            return "role";
        }

        @Override
        public String getId() {
            return "id";
        }

        @Override
        public void onGranted(Context leadership) {
            calls.add("granted to " + leadership.getRole() + ", leader: " + leadership.isLeader());
            if (yields) {
                leadership.yield();
            }
        }

        @Override
        public void onRevoked(Context leadership) {
            calls.add("revoked");
        }
    }
}
