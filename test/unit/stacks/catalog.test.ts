import { beforeAll, describe, expect, it } from "vitest";
import { type Created, createEnvironment, type EnvironmentName, testSettings } from "../components/environment";
import { at, type Data, kindOf, type Recorder } from "../components/recorder";

const environments: EnvironmentName[] = ["dev", "prod"];

/** "namespace/selector:port" of everything that may be reached, as policies of one direction say it. */
function allowed(made: Recorder, direction: "ingress" | "egress"): string[] {
  return made.kind("NetworkPolicy").flatMap(({ inputs }) => {
    const rules = (at(inputs, "spec", direction) ?? []) as Data[];
    const namespace = String(at(inputs, "metadata", "namespace"));
    const own = `${namespace}/${selector(at(inputs, "spec", "podSelector"))}`;
    return rules.flatMap((rule) => {
      const peers = (direction === "ingress" ? rule["from"] : rule["to"]) as unknown as Data[];
      return peers.flatMap((peer) => {
        const there = at(peer, "namespaceSelector", "matchLabels", "kubernetes.io/metadata.name") ?? namespace;
        const other = `${String(there)}/${selector(peer["podSelector"])}`;
        const [from, to] = direction === "ingress" ? [other, own] : [own, other];
        return (rule["ports"] as unknown as { port: number; protocol: string }[]).map(
          ({ port, protocol }) => `${from} -> ${to}:${port}/${protocol}`,
        );
      });
    });
  });
}

function selector(value: unknown): string {
  const labels = Object.values((at(value, "matchLabels") ?? {}) as Record<string, string>);
  return labels.sort().join("+") || "*";
}

const OPERATOR = "cnpg-system/cloudnative-pg+postgres-operator";
const POSTGRES = "db/postgres";
const INSTANCES = "db/instance+postgres";
const QDRANT = "vec/qdrant+qdrant+vector-database";

const postgresPaths = [
  `${OPERATOR} -> ${INSTANCES}:8000/TCP`,
  `${OPERATOR} -> ${INSTANCES}:5432/TCP`,
  `${POSTGRES} -> ${POSTGRES}:5432/TCP`,
  `${POSTGRES} -> ${POSTGRES}:8000/TCP`,
];

const matrix: Record<EnvironmentName, string[]> = {
  dev: postgresPaths,
  prod: [...postgresPaths, `${QDRANT} -> ${QDRANT}:6335/TCP`],
};

describe.each(environments)("the services of %s", (environment) => {
  let created: Created;
  beforeAll(async () => {
    created = await createEnvironment(testSettings(environment));
  });

  it("may reach exactly what they declare, from both sides, and DNS", () => {
    const { made } = created;
    const isDns = (path: string) => path.includes(" -> kube-system/kube-dns:53/");
    const egress = allowed(made, "egress");
    expect(egress.filter((path) => !isDns(path)).sort()).toEqual([...matrix[environment]].sort());
    expect(allowed(made, "ingress").sort()).toEqual([...matrix[environment]].sort());
    expect(egress.filter(isDns)).toHaveLength(2 * made.kind("Namespace").length);
  });

  it("reach the API server only where they are operators of something", () => {
    const { made } = created;
    expect(
      made
        .kind("CiliumNetworkPolicy")
        .map(({ inputs }) => at(inputs, "metadata", "name"))
        .sort(),
    ).toEqual([
      "local-path-provisioner-api-server",
      "metrics-server-paths",
      "postgres-api-server",
      "postgres-operator-api-server",
    ]);
  });

  it("are labelled alike, every object of them", () => {
    const { made } = created;
    expect(made.objects().length).toBeGreaterThan(40);
    for (const { inputs, name } of made.objects()) {
      const labels = at(inputs, "metadata", "labels") as Record<string, string>;
      for (const key of ["name", "instance", "component"]) {
        expect(labels[`app.kubernetes.io/${key}`], `${name}: ${key}`).toMatch(
          /^[a-zA-Z0-9]([-._a-zA-Z0-9]*[a-zA-Z0-9])?$/,
        );
      }
      expect(labels, name).toMatchObject({
        "app.kubernetes.io/part-of": "orrery",
        "app.kubernetes.io/managed-by": "orrery",
        "orrery.dev/domain": expect.any(String),
        "orrery.dev/owner": expect.any(String),
      });
    }
  });

  it("have a parent, every one, and every component says what it is", () => {
    const { made } = created;
    const roots = made.resources.filter(({ parent }) => parent === "").map(({ name }) => name);
    expect(roots.sort()).toEqual(["metrics-server", "platform", "postgres", "qdrant"]);
    for (const { custom, outputs, name } of made.resources) {
      expect(custom || outputs !== undefined, name).toBe(true);
    }
  });

  it("are restricted, every container of them, with requests and a memory limit", () => {
    const { made } = created;
    const workloads = made
      .objects()
      .filter((object) => /^(Deployment|StatefulSet|DaemonSet|Job)$/.test(kindOf(object)));
    expect(workloads.map(({ name }) => name).sort()).toEqual(["local-path-provisioner", "qdrant"]);
    for (const { inputs } of workloads) {
      const pod = at(inputs, "spec", "template", "spec");
      expect(at(pod, "securityContext")).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
      });
      for (const container of at(pod, "containers") as Data[]) {
        expect(container["securityContext"]).toMatchObject({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        });
        expect(container["resources"]).toMatchObject({
          requests: { cpu: expect.any(String), memory: expect.any(String) },
          limits: { memory: expect.any(String) },
        });
      }
    }
  });

  it("come after the platform, and never put two objects in one place", () => {
    const { made } = created;
    const platform = ["cilium", "hcloud-cloud-controller-manager", "hcloud-csi"];
    const releases = made.releases().filter(({ name }) => platform.includes(name));
    expect(releases).toHaveLength(platform.length);
    for (const name of ["postgres", "qdrant"] as const) {
      const type = name === "postgres" ? "orrery:data:Postgres" : "orrery:data:Qdrant";
      for (const release of releases) {
        expect(made.component(type, name).dependencies).toContain(release.urn);
      }
    }
    const places = made.objects().map((object) => {
      const { inputs } = object;
      return [kindOf(object), at(inputs, "metadata", "namespace"), at(inputs, "metadata", "name")].join("/");
    });
    expect(new Set(places).size).toBe(places.length);
  });

  it("say how to reach them, and only where the secrets are", () => {
    const { outputs } = created;
    expect(outputs).toEqual({
      postgres: {
        host: "postgres-rw.db.svc",
        port: 5432,
        databases: {
          demo: { host: "postgres-rw.db.svc", port: 5432, secret: { namespace: "db", name: "postgres-demo" } },
        },
      },
      qdrant: { host: "qdrant.vec.svc", port: 6333, secret: { namespace: "vec", name: "qdrant-api-key" } },
    });
  });
});
