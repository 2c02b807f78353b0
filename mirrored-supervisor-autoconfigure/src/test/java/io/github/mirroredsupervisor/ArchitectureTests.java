package io.github.mirroredsupervisor;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfiguration;

/** The layers of the packages, and rules for all code. */
class ArchitectureTests {

    private static final String ROOT = "io.github.mirroredsupervisor";

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);

    @Test
    void apiKnowsNothingButTheLanguageAndTheStereotypesOfItsAnnotations() {
        classes()
                .that()
                .resideInAPackage(ROOT)
                .and()
                .areNotAnnotations()
                .should()
                .onlyDependOnClassesThat()
                // Jackson's annotations are ignored if Jackson is not on the class path.
                .resideInAnyPackage(ROOT, "java..", "org.jspecify..", "com.fasterxml.jackson.annotation..")
                .check(CLASSES);
        classes()
                .that()
                .resideInAPackage(ROOT)
                .and()
                .areAnnotations()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(ROOT, "java..", "org.jspecify..", "org.springframework..")
                .check(CLASSES);
    }

    /** The API that a user compiles against names no internal type. */
    @Test
    void theInsideIsNotSeen() {
        noClasses()
                .that()
                .resideInAPackage(ROOT)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + ".internal..")
                .check(CLASSES);
    }

    @Test
    void theInsideKnowsNothingOfTheApplicationAroundIt() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".internal..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        ROOT + ".autoconfigure..",
                        ROOT + ".actuate..",
                        "org.springframework.boot..",
                        "org.springframework.context..",
                        "org.springframework.beans..")
                .check(CLASSES);
    }

    @Test
    void onlyItsPostgresRoomsKnowDatabasesAndSpring() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".internal..")
                .and()
                .resideOutsideOfPackage(ROOT + ".internal.postgres..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ROOT + ".internal.postgres..", "org.springframework..", "java.sql..", "javax.sql..")
                .check(CLASSES);
    }

    @Test
    void supervisionKnowsNeitherPeersNorStores() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".internal.supervision..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        ROOT + ".internal.peer..",
                        ROOT + ".internal.liveness..",
                        ROOT + ".internal.context..",
                        ROOT + ".internal.group..",
                        ROOT + ".internal.ownership..",
                        ROOT + ".internal.calls..",
                        ROOT + ".internal.lease..",
                        ROOT + ".internal.store..")
                .check(CLASSES);
    }

    @Test
    void decisionsAboutChildrenKnowNoThreads() {
        noClasses()
                .that()
                .resideInAnyPackage(ROOT + ".internal.supervision", ROOT + ".internal.supervision.values")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName(Thread.class.getName())
                .check(CLASSES);
    }

    @Test
    void nothingDependsOnWhatOperatorsSee() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".actuate..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + ".actuate..")
                .check(CLASSES);
    }

    @Test
    void roomsHaveNoCycles() {
        slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void autoConfigurationsArePublicFinalAndOfferNothing() {
        classes()
                .that()
                .areAnnotatedWith(AutoConfiguration.class)
                .should()
                .bePublic()
                .andShould()
                .haveModifier(JavaModifier.FINAL)
                .check(CLASSES);
        methods()
                .that()
                .areDeclaredInClassesThat()
                .areAnnotatedWith(AutoConfiguration.class)
                .should()
                .notBePublic()
                .check(CLASSES);
    }

    @Test
    void nothingElseOfTheAutoConfigurationIsPublic() {
        classes()
                .that()
                .resideInAPackage(ROOT + ".autoconfigure")
                .and()
                .areTopLevelClasses()
                .and()
                .areNotAnnotatedWith(AutoConfiguration.class)
                .and()
                .doNotHaveSimpleName("package-info")
                .should()
                .notBePublic()
                .check(CLASSES);
    }

    @Test
    void everyPackageSaysThatNothingIsNull() {
        Set<String> packages = new TreeSet<>();
        CLASSES.forEach(type -> packages.add(type.getPackageName()));
        Set<String> marked = new TreeSet<>();
        CLASSES.stream()
                .filter(type -> type.getSimpleName().equals("package-info"))
                .filter(type -> type.isAnnotatedWith(NullMarked.class))
                .forEach(type -> marked.add(type.getPackageName()));
        assertThat(marked).isEqualTo(packages);
    }

    @Test
    void nobodySleepsOrReadsTheWallClock() {
        noClasses().should().callMethod(Thread.class, "sleep", long.class).check(CLASSES);
        noClasses().should().callMethod(Instant.class, "now").check(CLASSES);
        noClasses().should().callMethod(System.class, "currentTimeMillis").check(CLASSES);
        noClasses()
                .that(not(resideInAnyPackage(ROOT + ".autoconfigure..")))
                .should()
                .callMethod(Clock.class, "systemUTC")
                .check(CLASSES);
    }
}
