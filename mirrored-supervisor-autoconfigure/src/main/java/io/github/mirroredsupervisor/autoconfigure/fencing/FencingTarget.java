package io.github.mirroredsupervisor.autoconfigure.fencing;

import io.github.mirroredsupervisor.FencingUnavailableException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import io.github.mirroredsupervisor.internal.postgres.children.ChildFence;
import java.util.List;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.ResourceTransactionManager;
import org.springframework.util.ClassUtils;

/**
 * The transaction manager and data source of fenced transactions.
 *
 * @param manager the application's transaction manager
 * @param name its name in messages
 * @param dataSource the data source whose connections its transactions use
 * @param fence runs the statements of the check on these connections
 */
public record FencingTarget(PlatformTransactionManager manager, String name, DataSource dataSource, ChildFence fence) {

    private static final String SETTING = "mirrored-supervisor.fencing.transaction-manager";

    private static final boolean JPA = ClassUtils.isPresent(
            "org.springframework.orm.jpa.JpaTransactionManager", FencingTarget.class.getClassLoader());

    /**
     * Finds the target at the first fenced transaction: an application without fenced transactions needs no transaction
     * manager. Thread-safe.
     */
    public static final class Source {

        private final ListableBeanFactory beans;

        private final @Nullable String wanted;

        private final @Nullable DataSource marked;

        private final Function<DataSource, ChildFence> fences;

        private volatile @Nullable FencingTarget found;

        /**
         * Finds transaction managers among beans.
         *
         * @param wanted the name of the one to use; null means the one on the marked data source, or else the only or
         *     the primary one
         * @param marked the data source that is marked as the supervisor's; null if there is none
         * @throws SupervisorStartException if there is none of that name
         */
        public Source(
                ListableBeanFactory beans,
                @Nullable String wanted,
                @Nullable DataSource marked,
                Function<DataSource, ChildFence> fences) {
            this.beans = beans;
            this.wanted = wanted;
            this.marked = marked;
            this.fences = fences;
            if (wanted != null && !isThere(wanted)) {
                throw new SupervisorStartException(
                        Problem.UNKNOWN_TRANSACTION_MANAGER,
                        SETTING + " is '" + wanted + "', and the application has no transaction manager of that name.",
                        names().isEmpty() ? "Remove the setting." : "Set it to one of " + names() + ".");
            }
        }

        /**
         * The target.
         *
         * @throws FencingUnavailableException if there is none, or several and no choice between them
         */
        public FencingTarget get() {
            FencingTarget known = found;
            if (known == null) {
                known = find();
                found = known;
            }
            return known;
        }

        private FencingTarget find() {
            PlatformTransactionManager manager =
                    wanted == null ? chosen() : beans.getBean(wanted, PlatformTransactionManager.class);
            if (manager == null) {
                throw names().isEmpty() ? missing() : ambiguous();
            }
            String name = wanted == null ? "(" + manager.getClass().getSimpleName() + ")" : "'" + wanted + "'";
            DataSource dataSource = dataSourceOf(manager);
            if (dataSource == null) {
                throw new FencingUnavailableException(
                        "The transaction manager " + name
                                + " does not tell which data source its transactions are on. Fenced transactions need a JdbcTransactionManager,"
                                + " a DataSourceTransactionManager, or a JpaTransactionManager whose entity manager factory has a data source.");
            }
            if (!(manager instanceof AbstractPlatformTransactionManager listening)) {
                throw new FencingUnavailableException("The transaction manager " + name
                        + " tells nobody of its commits, so that nothing can be checked before them. Fenced transactions need one of"
                        + " Spring's, or one that extends AbstractPlatformTransactionManager as they do.");
            }
            FencedCommit.listenTo(listening);
            return new FencingTarget(manager, name, dataSource, fences.apply(dataSource));
        }

        private @Nullable PlatformTransactionManager chosen() {
            List<PlatformTransactionManager> onMarked = marked == null
                    ? List.of()
                    : names().stream()
                            .map(name -> beans.getBean(name, PlatformTransactionManager.class))
                            .filter(manager -> target(dataSourceOf(manager)) == target(marked))
                            .toList();
            return onMarked.size() == 1
                    ? onMarked.get(0)
                    : beans.getBeanProvider(PlatformTransactionManager.class).getIfUnique();
        }

        /** Removes proxies, because a transaction manager may have removed them from its data source too. */
        private static @Nullable DataSource target(@Nullable DataSource dataSource) {
            DataSource target = dataSource;
            while (target instanceof DelegatingDataSource delegating && delegating.getTargetDataSource() != null) {
                target = delegating.getTargetDataSource();
            }
            return target;
        }

        private static @Nullable DataSource dataSourceOf(PlatformTransactionManager manager) {
            if (JPA && Jpa.supports(manager)) {
                return Jpa.dataSourceOf(manager);
            }
            return manager instanceof ResourceTransactionManager resources
                            && resources.getResourceFactory() instanceof DataSource dataSource
                    ? dataSource
                    : null;
        }

        private boolean isThere(String name) {
            return beans.containsBean(name) && beans.isTypeMatch(name, PlatformTransactionManager.class);
        }

        private List<String> names() {
            return List.of(beans.getBeanNamesForType(PlatformTransactionManager.class, true, false));
        }

        private static FencingUnavailableException missing() {
            return new FencingUnavailableException(
                    "The application has no transaction manager, so there are no transactions to fence. Spring Boot makes one where there is a DataSource"
                            + " (spring-boot-starter-jdbc) or JPA (spring-boot-starter-data-jpa).");
        }

        private FencingUnavailableException ambiguous() {
            return new FencingUnavailableException("The application has several transaction managers, " + names()
                    + ", and none of them is primary, so it is not clear whose transactions to fence. Mark one with @Primary, or set "
                    + SETTING
                    + " to the one on the mirrored supervisor's database.");
        }
    }

    /** A separate class, because JPA may not be on the class path. */
    private static final class Jpa {

        private static boolean supports(PlatformTransactionManager manager) {
            return manager instanceof JpaTransactionManager;
        }

        private static @Nullable DataSource dataSourceOf(PlatformTransactionManager manager) {
            return ((JpaTransactionManager) manager).getDataSource();
        }
    }
}
