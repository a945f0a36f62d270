import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.elasticsearch.cluster.metadata.ComposableIndexTemplate;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.ClusterSettings;
import org.elasticsearch.common.settings.Setting;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.xcontent.NamedXContentRegistry;
import org.elasticsearch.xcontent.ParseField;
import org.elasticsearch.xcontent.XContentParser;
import org.elasticsearch.xcontent.XContentParserConfiguration;
import org.elasticsearch.xcontent.json.JsonXContent;
import org.elasticsearch.xpack.core.XPackSettings;
import org.elasticsearch.xpack.core.ilm.DeleteAction;
import org.elasticsearch.xpack.core.ilm.LifecycleAction;
import org.elasticsearch.xpack.core.ilm.LifecyclePolicy;
import org.elasticsearch.xpack.core.ilm.LifecycleType;
import org.elasticsearch.xpack.core.ilm.RolloverAction;
import org.elasticsearch.xpack.core.ilm.TimeseriesLifecycleType;
import org.elasticsearch.xpack.core.scheduler.Cron;
import org.elasticsearch.xpack.core.slm.SnapshotLifecyclePolicy;

/** Reads bodies of requests with Elasticsearch's own parsers, and settings with its own settings. */
public class ElasticsearchBodies {
  private static final NamedXContentRegistry REGISTRY =
      new NamedXContentRegistry(
          List.of(
              new NamedXContentRegistry.Entry(
                  LifecycleType.class,
                  new ParseField(TimeseriesLifecycleType.TYPE),
                  parser -> TimeseriesLifecycleType.INSTANCE),
              new NamedXContentRegistry.Entry(
                  LifecycleAction.class, new ParseField(RolloverAction.NAME), RolloverAction::parse),
              new NamedXContentRegistry.Entry(
                  LifecycleAction.class, new ParseField(DeleteAction.NAME), DeleteAction::parse)));

  /** Arguments: kind and file, in turn. One line of output for each. */
  public static void main(String[] args) throws Exception {
    LogConfigurator.configureESLogging();
    for (int index = 0; index + 1 < args.length; index += 2) {
      System.out.println(args[index] + ": " + read(args[index], Path.of(args[index + 1])));
    }
  }

  private static String read(String kind, Path file) throws Exception {
    String text = Files.readString(file);
    switch (kind) {
      case "lifecycle":
        return LifecyclePolicy.parse(inside(parser(text), "policy"), "name").getPhases().toString();
      case "template":
        ComposableIndexTemplate template = ComposableIndexTemplate.parse(parser(text));
        return template.indexPatterns() + " data stream " + (template.getDataStreamTemplate() != null);
      case "snapshots":
        SnapshotLifecyclePolicy policy = SnapshotLifecyclePolicy.parse(parser(text), "name");
        return policy.getSchedule() + " problems " + policy.validate();
      case "schedules":
        return schedules(text.lines().toList());
      case "settings":
        return settings(text);
      default:
        throw new IllegalArgumentException(kind);
    }
  }

  private static XContentParser parser(String text) throws Exception {
    return JsonXContent.jsonXContent.createParser(
        XContentParserConfiguration.EMPTY.withRegistry(REGISTRY), text);
  }

  /** The parser at the object in the only field of this name. */
  private static XContentParser inside(XContentParser parser, String field) throws Exception {
    parser.nextToken();
    parser.nextToken();
    if (!field.equals(parser.currentName())) throw new IllegalArgumentException(parser.currentName());
    parser.nextToken();
    return parser;
  }

  /** The next time of each after the start of 2026, in seconds. */
  private static String schedules(List<String> lines) {
    return lines.stream()
        .map(line -> String.valueOf(new Cron(line).getNextValidTimeAfter(1767225600000L) / 1000))
        .reduce((left, right) -> left + " " + right)
        .orElse("");
  }

  /** Reads each value; the keys that this version does not have in these jars. */
  private static String settings(String text) {
    Settings given =
        Settings.builder().loadFromSource(text, org.elasticsearch.xcontent.XContentType.JSON).build();
    Map<String, Setting<?>> known = new TreeMap<>();
    Stream.concat(
            ClusterSettings.BUILT_IN_CLUSTER_SETTINGS.stream(), XPackSettings.getAllSettings().stream())
        .forEach(setting -> known.put(setting.getKey(), setting));
    List<String> unknown = given.keySet().stream().filter(key -> !isKnown(key, known, given)).sorted().toList();
    return "unknown " + unknown;
  }

  private static boolean isKnown(String key, Map<String, Setting<?>> known, Settings given) {
    for (Setting<?> setting : known.values()) {
      if (setting.match(key)) {
        setting.get(given);
        return true;
      }
    }
    return false;
  }
}
