import static io.trino.testing.TestingAccessControlManager.TestingPrivilegeType.SELECT_COLUMN;
import static io.trino.testing.TestingAccessControlManager.privilege;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trino.Session;
import io.trino.metadata.QualifiedObjectName;
import io.trino.plugin.memory.MemoryPlugin;
import io.trino.spi.security.Identity;
import io.trino.spi.security.ViewExpression;
import io.trino.testing.MaterializedRow;
import io.trino.testing.StandaloneQueryRunner;
import io.trino.testing.TestingSession;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A Trino server in this process: each case asks as a person of its own, under its row filters and masks. */
public class AskTrino {
  public static void main(String[] arguments) throws Exception {
    Session owner = TestingSession.testSessionBuilder().setCatalog("memory").setSchema("default").build();
    try (StandaloneQueryRunner trino = new StandaloneQueryRunner(owner);
        PrintStream out = new PrintStream(arguments[1])) {
      trino.installPlugin(new MemoryPlugin());
      trino.createCatalog("memory", "memory", Map.of());
      for (String line : Files.readAllLines(Path.of(arguments[0]))) {
        JsonNode table = new ObjectMapper().readTree(line);
        create(trino, table);
        for (JsonNode one : table.get("cases")) ask(trino, table, one, out);
      }
    }
    System.exit(0);
  }

  private static void create(StandaloneQueryRunner trino, JsonNode table) {
    String name = table.get("name").asText();
    List<String> columns = new ArrayList<>();
    for (JsonNode column : table.get("columns"))
      columns.add(quoted(column.get("name").asText()) + " " + column.get("trino").asText());
    trino.execute("CREATE TABLE " + name + " (" + String.join(", ", columns) + ")");
    List<String> rows = new ArrayList<>();
    for (JsonNode row : table.get("inserts")) rows.add("(" + row.asText() + ")");
    if (!rows.isEmpty()) trino.execute("INSERT INTO " + name + " VALUES " + String.join(", ", rows));
  }

  private static void ask(StandaloneQueryRunner trino, JsonNode table, JsonNode one, PrintStream out) {
    String name = one.get("name").asText();
    QualifiedObjectName object = new QualifiedObjectName("memory", "default", table.get("name").asText());
    for (JsonNode filter : one.get("rowFilters"))
      trino.getAccessControl().rowFilter(object, name, expression(filter.get("expression"), filter.get("identity")));
    one.get("columnMasks")
        .properties()
        .forEach(
            mask ->
                trino.getAccessControl()
                    .columnMask(object, mask.getKey().toLowerCase(), name, expression(mask.getValue(), null)));
    for (JsonNode hidden : one.get("hidden"))
      trino.getAccessControl().deny(privilege(name, object.objectName() + "." + hidden.asText().toLowerCase(), SELECT_COLUMN));
    Session person =
        TestingSession.testSessionBuilder()
            .setCatalog("memory")
            .setSchema("default")
            .setIdentity(Identity.ofUser(name))
            .build();
    List<String> texts = new ArrayList<>();
    for (JsonNode column : one.get("select")) texts.add(column.get("text").asText());
    try {
      if (!texts.isEmpty()) {
        String sql = "SELECT " + String.join(", ", texts) + " FROM " + object.objectName();
        for (MaterializedRow row : trino.execute(person, sql).getMaterializedRows())
          out.println(
              name
                  + "\trow\t"
                  + row.getFields().stream()
                      .map(field -> field == null ? "\\N" : field.toString())
                      .collect(Collectors.joining("\t")));
      }
      checkHidden(trino, one, person, object.objectName());
      out.println(name + "\tdone");
    } catch (RuntimeException failure) {
      out.println(name + "\terror\t" + String.valueOf(failure.getMessage()).replaceAll("[\t\n]", " "));
    }
  }

  /** The person may not name a hidden column, whatever the filter reads. */
  private static void checkHidden(StandaloneQueryRunner trino, JsonNode one, Session person, String table) {
    if (one.get("hidden").isEmpty()) return;
    String hidden = quoted(one.get("hidden").get(0).asText());
    try {
      trino.execute(person, "SELECT count(" + hidden + ") FROM " + table);
    } catch (RuntimeException refusal) {
      if (String.valueOf(refusal.getMessage()).contains("Access Denied")) return;
      throw refusal;
    }
    throw new IllegalStateException("the hidden column " + hidden + " was read");
  }

  private static ViewExpression expression(JsonNode expression, JsonNode identity) {
    ViewExpression.Builder builder =
        ViewExpression.builder().catalog("memory").schema("default").expression(expression.asText());
    if (identity != null) builder.identity(identity.asText());
    return builder.build();
  }

  private static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
