package io.github.mirroredsupervisor.sample.page;

import io.github.mirroredsupervisor.sample.cluster.Cluster;
import io.github.mirroredsupervisor.sample.cluster.NodeStateException;
import java.util.NoSuchElementException;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** What the page asks for. */
@RestController
class PageController {

    private final Cluster cluster;
    private final ClusterMonitor monitor;

    PageController(Cluster cluster, ClusterMonitor monitor) {
        this.cluster = cluster;
        this.monitor = monitor;
    }

    @GetMapping("/api/state")
    ClusterView state() {
        return monitor.view();
    }

    @GetMapping(path = "/api/nodes/{number}/log", produces = MediaType.TEXT_PLAIN_VALUE + ";charset=UTF-8")
    String log(@PathVariable int number) {
        return cluster.node(number).logTail();
    }

    @PostMapping("/api/nodes/{number}/{action}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void act(@PathVariable int number, @PathVariable String action) {
        Action.of(action)
                .orElseThrow(() -> new NoSuchElementException("There is no action '" + action + "'"))
                .apply(cluster.node(number));
    }

    @ExceptionHandler
    ProblemDetail notFound(NoSuchElementException e) {
        return ProblemDetail.forStatusAndDetail(HttpStatus.NOT_FOUND, String.valueOf(e.getMessage()));
    }

    @ExceptionHandler
    ProblemDetail conflict(NodeStateException e) {
        return ProblemDetail.forStatusAndDetail(HttpStatus.CONFLICT, String.valueOf(e.getMessage()));
    }
}
