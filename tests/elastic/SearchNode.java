import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * A single Elasticsearch node on loopback that ends with the process it works for.
 *
 * Arguments: the installed folder, the folder of its data, its port (0 for any), and the
 * process that it works for. The port goes into the file "port" of the data folder.
 */
public final class SearchNode {
    private SearchNode() {}

    public static void main(String[] given) throws Exception {
        var installed = Path.of(given[0]);
        var data = Path.of(given[1]);
        ProcessHandle.of(Long.parseLong(given[3]))
            .ifPresentOrElse(
                owner -> owner.onExit().thenRun(() -> Runtime.getRuntime().halt(0)),
                () -> Runtime.getRuntime().halt(1));

        var settings = Settings.builder()
            .put("path.home", installed)
            .put("path.data", data.resolve("data"))
            .put("path.logs", data.resolve("logs"))
            .put("node.name", "tests")
            .put("cluster.name", "tests")
            .put("discovery.type", "single-node")
            .put("network.host", "127.0.0.1")
            .put("http.port", given[2])
            .put("transport.port", "0")
            // The disk of who tests may be nearly full; tests set the block themselves.
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .build();
        var environment = InternalSettingsPreparer.prepareEnvironment(
            settings, Map.of(), installed.resolve("config"), () -> "tests");
        LogConfigurator.registerErrorListener();
        LogConfigurator.configure(environment, true);

        var plugins = PluginsLoader.createPluginsLoader(
            PluginsLoader.loadModulesBundles(environment.modulesDir()),
            PluginsLoader.loadPluginsBundles(environment.pluginsDir()),
            Map.of(), false);
        var node = new Node(environment, plugins);
        node.start();
        var address = node.injector()
            .getInstance(org.elasticsearch.http.HttpServerTransport.class)
            .boundAddress().publishAddress();
        var waiting = data.resolve("port.new");
        Files.writeString(waiting, Integer.toString(address.getPort()));
        Files.move(waiting, data.resolve("port"));
        Thread.currentThread().join();
    }
}
