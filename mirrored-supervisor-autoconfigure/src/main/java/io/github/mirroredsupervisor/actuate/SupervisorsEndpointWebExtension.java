package io.github.mirroredsupervisor.actuate;

import io.github.mirroredsupervisor.PeerNotJoinedException;
import io.github.mirroredsupervisor.StoreRefusedException;
import io.github.mirroredsupervisor.StoreUnavailableException;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * The {@link SupervisorsEndpoint} over HTTP. An unknown group or child is 404. A peer that has not joined or a database
 * that does not answer is 503. A refusal by the database is 500 with the reason.
 */
@EndpointWebExtension(endpoint = SupervisorsEndpoint.class)
public final class SupervisorsEndpointWebExtension {

    private final SupervisorsEndpoint endpoint;

    /** Extends the given endpoint. */
    public SupervisorsEndpointWebExtension(SupervisorsEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    /** Every group by name. */
    @ReadOperation
    public WebEndpointResponse<Object> supervisors() {
        return respond(endpoint::supervisors);
    }

    /** One group. */
    @ReadOperation
    public WebEndpointResponse<Object> supervisor(@Selector String group) {
        return respond(() -> endpoint.supervisor(group));
    }

    /** One child. */
    @ReadOperation
    public WebEndpointResponse<Object> child(@Selector String group, @Selector String childId) {
        return respond(() -> endpoint.child(group, childId));
    }

    private static WebEndpointResponse<Object> respond(Supplier<? extends @Nullable Object> operation) {
        try {
            Object body = operation.get();
            return body == null
                    ? new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND)
                    : new WebEndpointResponse<>(body);
        } catch (StoreUnavailableException ex) {
            return unavailable("The database does not answer: " + ex.getMessage());
        } catch (StoreRefusedException ex) {
            return new WebEndpointResponse<>(
                    OperationResponseBody.of(Map.of("error", "The database refuses: " + ex.getMessage())),
                    WebEndpointResponse.STATUS_INTERNAL_SERVER_ERROR);
        } catch (PeerNotJoinedException ex) {
            return unavailable(String.valueOf(ex.getMessage()));
        }
    }

    private static WebEndpointResponse<Object> unavailable(String why) {
        return new WebEndpointResponse<>(
                OperationResponseBody.of(Map.of("error", why)), WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE);
    }
}
