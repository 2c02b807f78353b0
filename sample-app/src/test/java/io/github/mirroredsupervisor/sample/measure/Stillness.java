package io.github.mirroredsupervisor.sample.measure;

import java.util.List;
import java.util.Map;

/** Which process ran which child before a fault, for comparison with the state after it. */
final class Stillness {

    private final TestBed bed;
    private final Map<String, Long> owners;
    private final List<String> peers;
    private final long begunBefore;

    Stillness(TestBed bed) {
        this.bed = bed;
        bed.awaitRest();
        this.owners = bed.owners();
        this.peers = bed.alivePeers();
        this.begunBefore = bed.evidence().runs().size();
    }

    void addTo(Finding finding) {
        bed.awaitRest();
        long begun = bed.evidence().runs().size() - begunBefore;
        finding.promise(bed.owners().equals(owners), "every child runs where it ran")
                .promise(bed.alivePeers().equals(peers), "nobody was declared dead: the same incarnations live")
                .line("        " + begun + " children were started again in place");
    }
}
