package io.github.mirroredsupervisor.actuate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.StoreUnavailableException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

class SupervisorsEndpointWebExtensionTests {

    @Test
    void saysThatTheDatabaseDoesNotAnswerRatherThanFail() {
        MirroredSupervisor supervisor = mock(MirroredSupervisor.class);
        when(supervisor.group()).thenReturn("shop");
        when(supervisor.whichChildren()).thenThrow(new StoreUnavailableException("no answer within 3 s", null));
        SupervisorsEndpointWebExtension extension =
                new SupervisorsEndpointWebExtension(new SupervisorsEndpoint(List.of(supervisor)));

        WebEndpointResponse<Object> response = extension.child("shop", "feed");

        assertThat(response.getStatus()).isEqualTo(WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE);
        assertThat(response.getBody()).asString().contains("no answer within 3 s");
    }
}
