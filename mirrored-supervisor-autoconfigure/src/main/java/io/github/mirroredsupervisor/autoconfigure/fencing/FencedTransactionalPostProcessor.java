package io.github.mirroredsupervisor.autoconfigure.fencing;

import io.github.mirroredsupervisor.FencedTransactional;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import io.github.mirroredsupervisor.internal.supervision.run.CurrentRun;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.UndeclaredThrowableException;
import java.util.Optional;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.framework.autoproxy.AbstractBeanFactoryAwareAdvisingPostProcessor;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.StaticMethodMatcherPointcut;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Runs {@link FencedTransactional} methods in fenced transactions, inside all other advice as with Spring's own
 * transactions, so that a retry begins a new one. It is active even where the supervisor is switched off, so that such
 * a method never writes without its fence.
 */
public final class FencedTransactionalPostProcessor extends AbstractBeanFactoryAwareAdvisingPostProcessor {

    private static final long serialVersionUID = 1L;

    public FencedTransactionalPostProcessor(boolean proxyTargetClass) {
        this.advisor = new DefaultPointcutAdvisor(new Fenced(), (MethodInterceptor) this::inFencedTransaction);
        setProxyTargetClass(proxyTargetClass);
    }

    private @Nullable Object inFencedTransaction(MethodInvocation invocation) throws Exception {
        return CurrentRun.inFencedTransaction(() -> Optional.ofNullable(proceed(invocation)))
                .orElse(null);
    }

    private static @Nullable Object proceed(MethodInvocation invocation) throws Exception {
        try {
            return invocation.proceed();
        } catch (Exception | Error failure) {
            throw failure;
        } catch (Throwable other) {
            throw new UndeclaredThrowableException(other);
        }
    }

    @Override
    protected boolean isEligible(Class<?> type) {
        boolean eligible = super.isEligible(type);
        if (eligible) {
            ReflectionUtils.doWithMethods(
                    type, FencedTransactionalPostProcessor::refuse, method -> Fenced.isMissed(method, type));
        }
        return eligible;
    }

    /** Refuses a method that no proxy can intercept: it would silently write without a fence. */
    private static void refuse(Method method) {
        throw new SupervisorStartException(
                Problem.UNSUPPORTED_FENCED_METHOD,
                "Method " + method.getDeclaringClass().getName() + "." + method.getName()
                        + " is @FencedTransactional by itself or by its class, but calls of a private, final or static method cannot be intercepted.",
                "Make it a method that can be overridden, or take the annotation away and call inFencedTransaction of the ChildContext in it.");
    }

    /** Annotated methods, and the public ones of annotated classes. */
    private static final class Fenced extends StaticMethodMatcherPointcut {

        private Fenced() {
            setClassFilter(type -> AnnotationUtils.isCandidateClass(type, FencedTransactional.class));
        }

        @Override
        public boolean matches(Method method, Class<?> targetClass) {
            Method specific = AopUtils.getMostSpecificMethod(method, targetClass);
            return isAnnotated(specific) || isOfAnnotated(targetClass, specific);
        }

        /** Whether the method is meant to be fenced but no proxy can intercept it. */
        private static boolean isMissed(Method method, Class<?> type) {
            int modifiers = method.getModifiers();
            boolean isFinal = Modifier.isFinal(modifiers);
            return isAnnotated(method)
                    ? isFinal || Modifier.isPrivate(modifiers) || Modifier.isStatic(modifiers)
                    : isFinal && isOfAnnotated(type, method);
        }

        private static boolean isAnnotated(Method method) {
            return AnnotatedElementUtils.hasAnnotation(method, FencedTransactional.class);
        }

        private static boolean isOfAnnotated(Class<?> type, Method method) {
            int modifiers = method.getModifiers();
            return Modifier.isPublic(modifiers)
                    && !Modifier.isStatic(modifiers)
                    && !ReflectionUtils.isObjectMethod(method)
                    && AnnotatedElementUtils.hasAnnotation(type, FencedTransactional.class);
        }
    }
}
