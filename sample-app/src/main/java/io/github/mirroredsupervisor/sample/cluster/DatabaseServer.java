package io.github.mirroredsupervisor.sample.cluster;

import java.util.List;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/** The PostgreSQL that all nodes share; as a bean it is also where the launcher's own data source connects. */
public interface DatabaseServer extends JdbcConnectionDetails {

    /** A description for people. */
    String description();

    /** The arguments that make a node connect to it; none if the node's own settings do. */
    List<String> nodeProperties();
}
