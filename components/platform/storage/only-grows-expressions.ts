/** A kind of which an operator makes volumes. */
interface SizedKind {
  readonly group: string;
  readonly kind: string;
  readonly resource: string;
  /** Where its size stands in the settings. */
  readonly setting: string;
}

/** Kinds whose sizes may only grow. A kind that the cluster does not know (yet) is no error. */
export const ONLY_GROWS_KINDS: readonly SizedKind[] = [
  {
    group: "postgresql.cnpg.io",
    kind: "Cluster",
    resource: "clusters",
    setting: "services.postgres.storageGiB",
  },
  {
    group: "kafka.strimzi.io",
    kind: "KafkaNodePool",
    resource: "kafkanodepools",
    setting: "services.kafka.storageGiB",
  },
  {
    group: "elasticsearch.k8s.elastic.co",
    kind: "Elasticsearch",
    resource: "elasticsearches",
    setting: "services.elasticsearch.storageGiB",
  },
  {
    group: "clickhouse.altinity.com",
    kind: "ClickHouseInstallation",
    resource: "clickhouseinstallations",
    setting: "services.clickhouse.storageGiB",
  },
  {
    group: "clickhouse-keeper.altinity.com",
    kind: "ClickHouseKeeperInstallation",
    resource: "clickhousekeeperinstallations",
    setting: "services.clickhouse.storageGiB",
  },
];

/**
 * CEL: what would shrink, as texts. Each of the forms in which these kinds say sizes is read where it is there; what is
 * not there before or after does not shrink.
 */
const plain = (field: string) => list("oldObject.spec", "object.spec", field, "'its volumes'");

/** Volumes of a list, known by `id` or `name`. */
function listed(path: string, key: string, size: string): string {
  const inside = listedIn("oldObject.spec", "object.spec", path, key, size);
  return `${inside}.filter(found, found.size() > 0).map(found, found[0])`;
}

/** A list within each element of another: the claim templates of node sets. */
function listedWithin(outer: string, path: string, key: string, size: string): string {
  const inside = listedIn("was", "is", path, key, size);
  return (
    `oldObject.spec.?${outer}.orValue([]).map(was, object.spec.?${outer}.orValue([]).filter(is, is.name == was.name)` +
    `.map(is, ${inside}.filter(found, found.size() > 0).map(found, found[0])))` +
    ".filter(found, found.size() > 0 && found[0].size() > 0).map(found, found[0][0])"
  );
}

function listedIn(before: string, after: string, path: string, key: string, size: string): string {
  const same = `b.?${key}.orValue('') == a.?${key}.orValue('')`;
  return (
    `${before}.?${path}.orValue([]).map(b, ${after}.?${path}.orValue([]).filter(a, ${same})` +
    `.map(a, ${list("b", "a", size, `string(b.?${key}.orValue(''))`)}).filter(found, found.size() > 0).map(found, found[0]))`
  );
}

/** A list of one text, or none: `before.field` against `after.field`. */
function list(before: string, after: string, field: string, what: string): string {
  const was = `${before}.?${field}`;
  const is = `${after}.?${field}`;
  return (
    `(${was}.hasValue() && ${is}.hasValue() && ` +
    `quantity(string(${is}.value())).compareTo(quantity(string(${was}.value()))) < 0 ` +
    `? [${what} + ' from ' + string(${was}.value()) + ' to ' + string(${is}.value())] : [])`
  );
}

const claimSize = "spec.?resources.?requests.?storage";

/** The variables and the validation of the policy. */
export function onlyGrowsExpressions() {
  const shrinking = [
    // CloudNativePG; Strimzi with one volume.
    plain("storage.?size"),
    plain("walStorage.?size"),
    // Strimzi with several.
    listed("storage.?volumes", "id", "size"),
    // ECK.
    listedWithin("nodeSets", "volumeClaimTemplates", "metadata.?name", claimSize),
    // Altinity's operator.
    listed("templates.?volumeClaimTemplates", "name", claimSize),
  ];
  const settings = ONLY_GROWS_KINDS.map(({ kind, setting }) => `'${kind}': '${setting}'`).join(", ");
  return {
    variables: [{ name: "shrinking", expression: shrinking.join(" + ") }],
    validations: [
      {
        expression: "variables.shrinking.size() == 0",
        message: "storage can only grow: put the size back",
        messageExpression:
          "'storage can only grow, and ' + object.kind + ' ' + object.metadata.name + ' would shrink ' + " +
          `variables.shrinking.join(', ') + '. Put orrery:' + {${settings}}[object.kind] + ' back; a smaller volume ` +
          "takes a new service (docs/data.md)'",
      },
    ],
  };
}
