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
 * The data sources that were made from connection details. The details are valid for these only: a bean that replaces
 * Spring Boot's data source, such as a mock in a test, leaves the details as they are. The bean factory knows the
 * dependencies of each bean.
 */
public final class DescribedDataSources {

    private final ConfigurableListableBeanFactory beans;

    public DescribedDataSources(ConfigurableListableBeanFactory beans) {
        this.beans = beans;
    }

    /** Whether it is a bean that was made from connection details, or a post-processor's wrapper around one. */
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

    /** Either the bean itself or the configuration that defines it depends on connection details. */
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
