import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.SingleValidationMessage;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.UnknownCodeSystemWarningValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.r5.utils.validation.constants.BestPracticeWarningLevel;

/**
 * HAPI's validator of FHIR R4 as a small server, without a network of its own.
 *
 * It is posted resources, one a line, and answers a list of what is wrong for each. It
 * knows R4's own definitions and code systems; codes of others (SNOMED CT, LOINC) it
 * lets pass with a warning.
 */
public final class Validator {
    private static final FhirContext R4 = FhirContext.forR4();
    private static final FhirValidator VALIDATOR = validator();
    private static final ObjectMapper JSON = new ObjectMapper();

    private Validator() {}

    public static void main(String[] given) throws Exception {
        var life = Life.begin(given);
        issuesOf("{\"resourceType\":\"Basic\",\"code\":{\"text\":\"warm\"}}");
        var here = new InetSocketAddress(InetAddress.getLoopbackAddress(), life.port());
        var server = HttpServer.create(here, 0);
        server.createContext("/", Validator::answer);
        server.start();
        life.listensAt(server.getAddress().getPort());
    }

    private static FhirValidator validator() {
        var chain = new ValidationSupportChain(
            new DefaultProfileValidationSupport(R4),
            new CommonCodeSystemsTerminologyService(R4),
            new InMemoryTerminologyServerValidationSupport(R4),
            new UnknownCodeSystemWarningValidationSupport(R4));
        var rules = new FhirInstanceValidator(chain);
        rules.setAnyExtensionsAllowed(true);
        rules.setErrorForUnknownProfiles(false);
        rules.setBestPracticeWarningLevel(BestPracticeWarningLevel.Ignore);
        return R4.newValidator().registerValidatorModule(rules);
    }

    private static void answer(HttpExchange asked) throws IOException {
        try (asked) {
            var body = asked.getRequestBody().readAllBytes();
            var lines = new String(body, StandardCharsets.UTF_8).lines();
            var said = JSON.writeValueAsBytes(lines.map(Validator::issuesOf).toList());
            asked.sendResponseHeaders(200, said.length);
            asked.getResponseBody().write(said);
        }
    }

    private static List<Map<String, String>> issuesOf(String resource) {
        try {
            var found = VALIDATOR.validateWithResult(resource).getMessages();
            return found.stream().map(Validator::told).toList();
        } catch (RuntimeException error) { // it cannot even be read
            var words = Objects.requireNonNullElse(error.getMessage(), "");
            return List.of(told("fatal", "", error.getClass().getSimpleName(), words));
        }
    }

    private static Map<String, String> told(SingleValidationMessage message) {
        return told(
            message.getSeverity().getCode(),
            Objects.requireNonNullElse(message.getLocationString(), ""),
            Objects.requireNonNullElse(message.getMessageId(), ""),
            message.getMessage());
    }

    private static Map<String, String> told(
            String severity, String place, String rule, String words) {
        return Map.of(
            "severity", severity, "place", place, "rule", rule, "words", words);
    }
}
