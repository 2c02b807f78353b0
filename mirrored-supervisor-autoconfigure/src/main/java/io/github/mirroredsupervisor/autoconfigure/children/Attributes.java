package io.github.mirroredsupervisor.autoconfigure.children;

import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import java.lang.annotation.Annotation;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeansException;
import org.springframework.beans.factory.config.BeanExpressionContext;
import org.springframework.beans.factory.config.BeanExpressionResolver;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.expression.ExpressionException;

/** Reads text attributes of annotations, with placeholders and expressions, as for Spring's own annotations. */
final class Attributes {

    private final ConfigurableBeanFactory beans;

    private final Class<? extends Annotation> annotation;

    private final String beanName;

    Attributes(ConfigurableBeanFactory beans, Class<? extends Annotation> annotation, String beanName) {
        this.beans = beans;
        this.annotation = annotation;
        this.beanName = beanName;
    }

    /**
     * The text with its placeholders and expressions resolved; empty if the result is null.
     *
     * @throws SupervisorStartException if it cannot be resolved
     */
    String text(String attribute, String given) {
        String resolved;
        try {
            resolved = resolve(given);
        } catch (IllegalArgumentException | BeansException | ExpressionException ex) {
            throw refusal(attribute + " \"" + given + "\" cannot be resolved: " + ex.getMessage(), ex);
        }
        if (given.contains("${") && resolved.contains("${")) {
            throw refusal(attribute + " \"" + given + "\" cannot be resolved: there is no such property.", null);
        }
        return resolved;
    }

    private String resolve(String given) {
        String text = beans.resolveEmbeddedValue(given);
        BeanExpressionResolver expressions = beans.getBeanExpressionResolver();
        if (text == null || expressions == null) {
            return text == null ? "" : text;
        }
        Object value = expressions.evaluate(text, new BeanExpressionContext(beans, null));
        return value == null ? "" : value.toString();
    }

    private SupervisorStartException refusal(String what, @Nullable Exception cause) {
        return new SupervisorStartException(
                Problem.INVALID_CHILD,
                "@" + annotation.getSimpleName() + " on bean '" + beanName + "': " + what,
                "Set the property, give it a default as in ${name:default}, or correct the annotation.",
                cause);
    }

    /**
     * The attribute as a whole number.
     *
     * @throws SupervisorStartException if it is not a whole number
     */
    int number(String attribute, String given) {
        String text = text(attribute, given).trim();
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException ex) {
            throw refusal(attribute + " \"" + text + "\" is not a whole number.", ex);
        }
    }
}
