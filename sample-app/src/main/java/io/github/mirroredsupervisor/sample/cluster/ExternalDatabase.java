package io.github.mirroredsupervisor.sample.cluster;

import java.util.List;

/** A database of the user's; the nodes get the same Spring settings as the launcher. */
public record ExternalDatabase(String url, String username, String password) implements DatabaseServer {

    @Override
    public String description() {
        return url.replaceAll("\\?.*", "");
    }

    @Override
    public List<String> nodeProperties() {
        return List.of();
    }

    @Override
    public String getJdbcUrl() {
        return url;
    }

    @Override
    public String getUsername() {
        return username;
    }

    @Override
    public String getPassword() {
        return password;
    }
}
