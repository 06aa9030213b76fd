import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What both programs are told: the folder of their data, their port (0 for any), and the
 * process that they work for and end with.
 */
record Life(Path data, int port) {
    static Life begin(String[] given) {
        ProcessHandle.of(Long.parseLong(given[2]))
            .ifPresentOrElse(
                owner -> owner.onExit().thenRun(() -> Runtime.getRuntime().halt(0)),
                () -> Runtime.getRuntime().halt(1));
        return new Life(Path.of(given[0]), Integer.parseInt(given[1]));
    }

    /** Says in the file "port" of the data folder where the program listens. */
    void listensAt(int port) throws IOException {
        var waiting = data.resolve("port.new");
        Files.writeString(waiting, Integer.toString(port));
        Files.move(waiting, data.resolve("port"));
    }
}
