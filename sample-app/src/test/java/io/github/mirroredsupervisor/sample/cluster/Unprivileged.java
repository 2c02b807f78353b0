package io.github.mirroredsupervisor.sample.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** Programs that refuse to run as root. If this process is root's, they run as nobody; otherwise as it does. */
final class Unprivileged {

    private static final String NOBODY = "nobody";

    private static final List<String> AS_NOBODY =
            List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");

    private Unprivileged() {}

    static List<String> command(List<String> command) {
        List<String> all = new ArrayList<>(isRoot() ? AS_NOBODY : List.of());
        all.addAll(command);
        return all;
    }

    /** Lets the programs find what is below these folders, if they know its name. */
    static void open(List<Path> folders) throws IOException {
        for (Path folder : folders) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        }
    }

    /** Creates a folder that belongs to the programs. */
    static Path folder(Path folder) throws IOException {
        Files.createDirectory(folder);
        if (isRoot()) {
            Files.setOwner(
                    folder,
                    folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(NOBODY));
        }
        return folder;
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }
}
