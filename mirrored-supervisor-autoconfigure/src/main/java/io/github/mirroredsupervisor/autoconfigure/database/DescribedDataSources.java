package io.github.mirroredsupervisor.autoconfigure.database;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/**
 * The data sources that were made from connection details. Only of those the details tell where they connect to: a bean
 * that took the place of Spring Boot's own one, such as a mock in a test, leaves the details as they are. The bean
 * factory knows what each bean was made from.
 */
public final class DescribedDataSources {

    private final ConfigurableListableBeanFactory beans;

    public DescribedDataSources(ConfigurableListableBeanFactory beans) {
        this.beans = beans;
    }

    /** Whether it is a bean that was made so, or what a post-processor has put around one. */
    public boolean contains(DataSource dataSource) {
        return contains(beans, dataSource);
    }

    private static boolean contains(@Nullable BeanFactory factory, DataSource dataSource) {
        if (!(factory instanceof ConfigurableListableBeanFactory known)) {
            return false;
        }
        return Arrays.stream(known.getBeanNamesForType(DataSource.class, true, false))
                        .filter(name -> known.getSingleton(name) == dataSource)
                        .anyMatch(name -> isMadeFromDetails(known, name))
                || contains(known.getParentBeanFactory(), dataSource);
    }

    /** By its own arguments, or by what was injected into the configuration that makes it. */
    private static boolean isMadeFromDetails(ConfigurableListableBeanFactory beans, String name) {
        Set<String> details = Set.of(
                BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beans, JdbcConnectionDetails.class, true, false));
        return Stream.concat(Stream.of(name), maker(beans, name))
                .flatMap(bean -> Arrays.stream(beans.getDependenciesForBean(bean)))
                .anyMatch(details::contains);
    }

    private static Stream<String> maker(ConfigurableListableBeanFactory beans, String name) {
        return beans.containsBeanDefinition(name)
                ? Stream.ofNullable(beans.getMergedBeanDefinition(name).getFactoryBeanName())
                : Stream.empty();
    }
}
