import com.jayway.jsonpath.JsonPath;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import net.minidev.json.JSONObject;
import net.minidev.json.JSONStyle;
import net.minidev.json.JSONValue;
import org.apache.commons.lang.StringEscapeUtils;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;
import org.apache.velocity.app.event.EventCartridge;
import org.apache.velocity.app.event.InvalidReferenceEventHandler;
import org.apache.velocity.context.Context;
import org.apache.velocity.util.introspection.Info;

/**
 * Apache Velocity 1.7 with Jayway JsonPath, set up as API Gateway's templates behave: reads rows
 * { id, template, body, params, context, stage_variables } as lines of JSON, and answers each with
 * { id, output } or { id, error }.
 */
public final class Peer {
    /** An invalid reference is the empty text. */
    public static final class Empty implements InvalidReferenceEventHandler {
        public Object invalidGetMethod(Context c, String r, Object o, String p, Info i) { return ""; }
        public boolean invalidSetMethod(Context c, String l, String r, Info i) { return false; }
        public Object invalidMethod(Context c, String r, Object o, String m, Info i) { return ""; }
    }

    public static final class Input {
        private final String body;
        private final Map<String, Map<String, Object>> params;

        Input(String body, Map<String, Map<String, Object>> params) {
            this.body = body.isEmpty() ? "{}" : body;
            this.params = params;
        }

        public String getBody() { return body; }

        public Object path(String path) {
            try {
                return JsonPath.parse(body).read(path);
            } catch (RuntimeException e) {
                return null;
            }
        }

        public String json(String path) {
            Object value = path(path);
            if (value == null) {
                return "\"\"";
            }
            return JSONValue.toJSONString(value, JSONStyle.NO_COMPRESS);
        }

        public Object params() { return params; }

        public Object params(String name) {
            for (String kind : new String[] {"path", "querystring", "header"}) {
                Map<String, Object> of = params.get(kind);
                if (of != null && of.containsKey(name)) {
                    return of.get(name);
                }
            }
            return "";
        }
    }

    public static final class Util {
        public String escapeJavaScript(String text) { return StringEscapeUtils.escapeJavaScript(text); }
        public Object parseJson(String text) { return JsonPath.parse(text).read("$"); }
        public String urlEncode(String text) throws Exception { return URLEncoder.encode(text, "UTF-8"); }
        public String urlDecode(String text) throws Exception { return URLDecoder.decode(text, "UTF-8"); }
        public String base64Encode(String text) {
            return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
        }
        public String base64Decode(String text) {
            return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value) {
        return value == null ? new LinkedHashMap<>() : (Map<String, Object>) value;
    }

    private static Context context(Map<String, Object> row) {
        VelocityContext context = new VelocityContext();
        Map<String, Map<String, Object>> params = new LinkedHashMap<>();
        Map<String, Object> given = map(row.get("params"));
        for (String kind : new String[] {"path", "querystring", "header"}) {
            params.put(kind, map(given.get(kind)));
        }
        Object body = row.get("body");
        context.put("input", new Input(body == null ? "" : (String) body, params));
        context.put("util", new Util());
        context.put("context", map(row.get("context")));
        context.put("stageVariables", map(row.get("stage_variables")));
        EventCartridge cartridge = new EventCartridge();
        cartridge.addEventHandler(new Empty());
        cartridge.attachToContext(context);
        return context;
    }

    public static void main(String[] args) throws Exception {
        VelocityEngine engine = new VelocityEngine();
        engine.setProperty("runtime.log.logsystem.class", "org.apache.velocity.runtime.log.NullLogChute");
        engine.init();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, false, "UTF-8");
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Map<String, Object> row = JsonPath.parse(line).read("$");
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("id", row.get("id"));
            try {
                StringWriter writer = new StringWriter();
                engine.evaluate(context(row), writer, "template", (String) row.get("template"));
                answer.put("output", writer.toString());
            } catch (Exception | StackOverflowError e) {
                answer.put("error", e.getClass().getSimpleName() + ": " + e.getMessage());
            }
            out.println(JSONObject.toJSONString(answer, JSONStyle.NO_COMPRESS));
        }
        out.flush();
    }
}
