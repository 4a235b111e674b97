import com.amazonaws.services.dynamodbv2.local.server.LocalDynamoDBRequestHandler;
import com.amazonaws.services.dynamodbv2.local.server.LocalDynamoDBServerHandler;
import java.net.InetSocketAddress;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ContextHandler;

/** DynamoDB Local on a free port of the loopback interface; its own program listens on every one. */
public class DynamoDbLoopback {
    public static void main(String[] args) throws Exception {
        LocalDynamoDBRequestHandler requests = new LocalDynamoDBRequestHandler(0, true, null, true, false);
        ContextHandler handler = new ContextHandler();
        handler.setHandler(new LocalDynamoDBServerHandler(requests, null));
        Server server = new Server(new InetSocketAddress("127.0.0.1", 0));
        server.setHandler(handler);
        server.start();
        int port = ((ServerConnector) server.getConnectors()[0]).getLocalPort();
        System.out.println("ready http://127.0.0.1:" + port);
        server.join();
    }
}
