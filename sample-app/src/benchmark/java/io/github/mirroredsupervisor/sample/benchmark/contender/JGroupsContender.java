package io.github.mirroredsupervisor.sample.benchmark.contender;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jgroups.JChannel;
import org.jgroups.Receiver;
import org.jgroups.View;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** JGroups: the coordinator of the view is the owner. */
@Configuration(proxyBeanMethods = false)
public class JGroupsContender {

    private static final String STACK = """
            <config xmlns="urn:org:jgroups">
              <TCP bind_addr="127.0.0.1" bind_port="%d" port_range="0"/>
              <TCPPING initial_hosts="%s" port_range="0"/>
              <MERGE3 min_interval="1000" max_interval="3000"/>
              <FD_SOCK2/>
              <FD_ALL3 timeout="600" interval="120"/>
              <VERIFY_SUSPECT2 timeout="200"/>
              <pbcast.NAKACK2/>
              <UNICAST3/>
              <pbcast.STABLE/>
              <pbcast.GMS print_local_addr="false" join_timeout="500"/>
              <FRAG4/>
            </config>
            """;

    @Bean
    Participation channel(Work work, ContenderProperties properties) throws Exception {
        String hosts = IntStream.range(0, properties.processes())
                .mapToObj(index -> "127.0.0.1[" + (properties.basePort() + index) + "]")
                .collect(Collectors.joining(","));
        JChannel channel = new JChannel(new ByteArrayInputStream(
                STACK.formatted(properties.port(), hosts).getBytes(StandardCharsets.UTF_8)));
        Crew crew = new Crew(work);
        channel.setReceiver(new Receiver() {
            @Override
            public void viewAccepted(View view) {
                if (channel.getAddress().equals(view.getCoord())) {
                    crew.begin(() -> true);
                } else {
                    crew.end();
                }
            }
        });
        return new Participation(() -> channel.connect("benchmark"), () -> {
            crew.end();
            channel.close();
        });
    }
}
