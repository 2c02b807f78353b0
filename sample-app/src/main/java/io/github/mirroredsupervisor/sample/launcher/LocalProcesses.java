package io.github.mirroredsupervisor.sample.launcher;

import java.io.File;

/** What the launcher starts on this machine, and the guardian that sees to it that nothing of it stays. */
public final class LocalProcesses implements AutoCloseable {

    private final RunFolder folder = RunFolder.create();
    private final GuardianProcess guardian = GuardianProcess.start();

    public LocalProcesses() {
        guardian.folder(folder.root());
    }

    /** A new folder that is deleted with the rest. */
    File folder(String name) {
        return folder.root().resolve(name).toFile();
    }

    EmbeddedDatabase embeddedDatabase() {
        return new EmbeddedDatabase(folder, guardian);
    }

    RunFolder folder() {
        return folder;
    }

    GuardianProcess guardian() {
        return guardian;
    }

    public Cluster cluster(ClusterSpec spec, DatabaseServer database, NodeCustomizer customizer) {
        return new Cluster(spec, database, customizer, folder, guardian);
    }

    /** Ends what is left, and deletes the folder. */
    @Override
    public void close() {
        guardian.close();
    }
}
