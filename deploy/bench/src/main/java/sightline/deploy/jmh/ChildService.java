package sightline.deploy.jmh;

import io.grpc.BindableService;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import java.io.IOException;

/** What a benchmark's other process does: prints the port of its service, and ends with its standard input. */
final class ChildService {
    private ChildService() {}

    static void serve(BindableService service) throws IOException {
        var server = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
                .addService(service)
                .build()
                .start();
        System.out.println(server.getPort());
        System.in.transferTo(System.out);
        server.shutdownNow();
    }
}
