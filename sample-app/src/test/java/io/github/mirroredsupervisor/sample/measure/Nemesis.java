package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.NodeProcess;
import io.github.mirroredsupervisor.sample.proxy.Weather;
import io.github.mirroredsupervisor.sample.witness.Fault;
import java.util.List;

/** Carries out a schedule, strike by strike. */
final class Nemesis {

    private final ProcessBlows processes;
    private final NetworkBlows network;
    private final ServerBlows server;
    private final StatementBlows statements;

    Nemesis(TestBed bed) {
        this.processes = new ProcessBlows(bed);
        this.network = new NetworkBlows(bed);
        this.server = new ServerBlows(bed);
        this.statements = new StatementBlows(bed, processes);
    }

    /** How many processes died at a statement so far. */
    int statementKills() {
        return statements.kills();
    }

    /** Returns when the trouble is over: the faults by which a process lost its children. */
    List<Fault> strike(Strike strike, NodeProcess node) {
        return switch (strike.trouble()) {
            case KILL -> processes.kill(node);
            case KILL_TWO -> processes.killTwo(node, strike);
            case KILL_STARTING -> statements.killStarting(node, strike);
            case KILL_IN_STATEMENT -> statements.kill(node, strike);
            case KILL_ADOPTING -> statements.killAdopting(node, strike);
            case KILL_CLOCK_WRONG -> killClockWrong(node, strike);
            case STOP -> processes.stop(node);
            case PAUSE_LONG -> processes.pause(node);
            default -> {
                disturb(strike, node);
                yield List.of();
            }
        };
    }

    private List<Fault> killClockWrong(NodeProcess node, Strike strike) {
        server.setWrong(strike);
        try {
            return processes.kill(node);
        } finally {
            server.setRight();
        }
    }

    private void disturb(Strike strike, NodeProcess node) {
        switch (strike.trouble()) {
            case KILL_ALL -> processes.killAll();
            case KILL_LEAVING -> statements.killLeaving(node, strike);
            case PAUSE_SHORT -> processes.pauseShortly(node, strike);
            case CPU_HOGS -> processes.hogs(strike);
            case CLOCK_OF_NODE -> processes.clock(node, strike);
            case RESET -> network.reset(node, strike);
            case REQUESTS_HELD -> network.hold(node, Weather.HOLDS_REQUESTS, strike);
            case REPLIES_HELD -> network.hold(node, Weather.HOLDS_REPLIES, strike);
            case PARTITION -> network.hold(node, Weather.PARTITION, strike);
            case WORK_CUT -> network.cutWork(node, strike);
            case SLOW -> network.slow(node, strike);
            case NO_ANSWER -> network.noAnswer(node, strike);
            case SESSIONS -> server.sessions(node);
            case SERVER_RESTART -> server.restart();
            case SERVER_CRASH -> server.crash();
            case BACKEND_KILL -> server.killBackend(strike);
            case SERVER_PAUSE -> server.pause(strike);
            case SERVER_FULL -> server.full(node, strike);
            case PEER_ROW_LOCKED -> server.lockPeerRow(node, strike);
            case CHILD_ROWS_LOCKED -> server.lockChildRows(strike);
            case TABLE_LOCKED -> server.lockTable(strike);
            case POOL_FULL -> server.poolFull(strike);
            case CLOCK_OF_SERVER -> server.clock(strike);
            default -> throw new IllegalStateException("not a disturbance: " + strike);
        }
    }
}
