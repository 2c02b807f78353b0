package io.github.mirroredsupervisor.autoconfigure;

import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** The data source that the settings name, if they do. */
final class OwnDataSource {

    private OwnDataSource() {}

    static DataSource orElse(SupervisorProperties.Datasource own, ObjectProvider<DataSource> application) {
        String url = own.url();
        if (url == null || url.isBlank()) {
            return application.getObject();
        }
        if (!ConnectionResolver.isPostgres(url)) {
            throw ConnectionResolver.notPostgres(
                    "mirrored-supervisor.datasource.url is " + ConnectionResolver.shown(url));
        }
        DriverManagerDataSource dataSource = new DriverManagerDataSource(url);
        dataSource.setUsername(own.username());
        dataSource.setPassword(own.password());
        return dataSource;
    }
}
