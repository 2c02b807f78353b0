package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.autoconfigure.schema.SchemaScripts;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.springframework.aot.generate.ClassNameGenerator;
import org.springframework.aot.generate.DefaultGenerationContext;
import org.springframework.aot.generate.GeneratedFiles;
import org.springframework.aot.generate.InMemoryGeneratedFiles;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.AnnotatedBeanDefinitionReader;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.javapoet.ClassName;

class AheadOfTimeTests {

    @Test
    void canBeProcessedAndKeepsQualifiersAndMigrations() throws Exception {
        GenericApplicationContext context = new GenericApplicationContext();
        TestPropertyValues.of(TestContexts.dataSource(TestPostgres.emptyDatabase()))
                .and("mirrored-supervisor.groups.orders.intensity=3")
                .applyTo(context);
        new AnnotatedBeanDefinitionReader(context).register(Application.class);
        InMemoryGeneratedFiles files = new InMemoryGeneratedFiles();
        DefaultGenerationContext generation = new DefaultGenerationContext(
                new ClassNameGenerator(ClassName.get("com.example", "Application")), files);

        new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
        generation.writeGeneratedContent();

        assertThat(RuntimeHintsPredicates.resource().forResource(SchemaScripts.LOCATION + "/V1__schema.sql"))
                .accepts(generation.getRuntimeHints());
        StringBuilder sources = new StringBuilder();
        for (var file : files.getGeneratedFiles(GeneratedFiles.Kind.SOURCE).values()) {
            sources.append(new String(file.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        }
        assertThat(sources)
                .contains("new AutowireCandidateQualifier(")
                .contains("\"orders\"")
                .contains("setDependsOn(\"supervisorSchemaMigrator\"");
        context.close();
    }

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({
        DataSourceAutoConfiguration.class,
        SupervisorSchemaAutoConfiguration.class,
        MirroredSupervisorAutoConfiguration.class,
        SupervisorCoordinatorAutoConfiguration.class,
        SupervisorFencingAutoConfiguration.class
    })
    static class Application {}
}
