package io.github.mirroredsupervisor.internal.postgres.values;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.TypeSerializer;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.ValueSerializerModifier;
import tools.jackson.databind.type.CollectionType;

/**
 * Serializers that differ from Jackson's. Sets without an order are written in the order of their elements' JSON:
 * {@code Set.of} iterates differently in each process, and equal sets have to be stored as equal arrays. Values that
 * are not data, such as a thread or a lambda, are refused, where Jackson would write the results of their getters.
 */
final class ArgumentSerializers extends ValueSerializerModifier {

    private static final long serialVersionUID = 1L;

    private static final List<Class<?>> NO_DATA =
            List.of(Runnable.class, Callable.class, AutoCloseable.class, Executor.class, ClassLoader.class);

    private ArgumentSerializers() {}

    static SimpleModule module() {
        return new SimpleModule("arguments").setSerializerModifier(new ArgumentSerializers());
    }

    @Override
    public ValueSerializer<?> modifyCollectionSerializer(
            SerializationConfig config,
            CollectionType type,
            BeanDescription.Supplier description,
            ValueSerializer<?> serializer) {
        return new Ordering(asCollections(serializer));
    }

    @Override
    public ValueSerializer<?> modifySerializer(
            SerializationConfig config, BeanDescription.Supplier description, ValueSerializer<?> serializer) {
        Class<?> type = description.getBeanClass();
        return isNoData(type) ? new Refusing(type) : serializer;
    }

    private static boolean isNoData(Class<?> type) {
        return type.isHidden() // a lambda
                || NO_DATA.stream().anyMatch(kind -> kind.isAssignableFrom(type));
    }

    @SuppressWarnings("unchecked") // it was created as a serializer of collections
    private static ValueSerializer<Object> asCollections(ValueSerializer<?> serializer) {
        return (ValueSerializer<Object>) serializer;
    }

    private static final class Refusing extends ValueSerializer<Object> {

        private final Class<?> type;

        Refusing(Class<?> type) {
            this.type = type;
        }

        @Override
        public void serialize(Object value, JsonGenerator generator, SerializationContext context) {
            context.reportBadDefinition(
                    type,
                    type.getName() + " is no data; arguments are texts, numbers, lists, maps, records and the like,"
                            + " and what a child works with it gets from its own bean");
        }
    }

    private static final class Ordering extends ValueSerializer<Collection<?>> {

        /** Writes the texts that define the order. */
        private static final JsonMapper TEXTS = JsonMapper.shared();

        private final ValueSerializer<Object> delegate;

        Ordering(ValueSerializer<Object> delegate) {
            this.delegate = delegate;
        }

        @Override
        public void serialize(Collection<?> value, JsonGenerator generator, SerializationContext context) {
            delegate.serialize(ordered(value), generator, context);
        }

        @Override
        public void serializeWithType(
                Collection<?> value, JsonGenerator generator, SerializationContext context, TypeSerializer type) {
            delegate.serializeWithType(ordered(value), generator, context, type);
        }

        @Override
        public ValueSerializer<?> createContextual(SerializationContext context, BeanProperty property) {
            return new Ordering(asCollections(context.handlePrimaryContextualization(delegate, property)));
        }

        @Override
        public boolean isEmpty(SerializationContext context, @Nullable Collection<?> value) {
            return value == null || value.isEmpty();
        }

        private static Collection<?> ordered(Collection<?> value) {
            boolean hasOrder = !(value instanceof Set)
                    || value instanceof SortedSet
                    || value instanceof LinkedHashSet
                    || value instanceof EnumSet;
            if (hasOrder || value.size() < 2) {
                return value;
            }
            List<Object> elements = new ArrayList<>(value);
            elements.sort(Comparator.comparing(TEXTS::writeValueAsString));
            return new LinkedHashSet<>(elements);
        }
    }
}
