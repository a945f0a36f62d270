import { describe, expect, it } from "vitest";
import {
  deployment,
  findings,
  look,
  object,
  release,
  rendered,
  subject,
  template,
  unknown,
  withException,
} from "./objects";

describe("references-exist", () => {
  const rule = "references-exist";
  const needing = (spec: object, container: object = {}) => deployment("web", { spec, container });
  const env = (name: unknown, optional?: boolean) =>
    needing({}, { env: [{ name: "A", valueFrom: { secretKeyRef: { name, key: "a", optional } } }] });
  const missing = (where: string, what: string) => [`${where} needs ${what}, which nothing makes`];

  it.each([
    ["a Secret of the stack", [env("db"), object("v1", "Secret", "db")], []],
    [
      "a Secret of another namespace",
      [env("db"), object("v1", "Secret", "db", {}, "db")],
      missing("containers[web].env A", "Secret apps/db"),
    ],
    ["an optional one", [env("db", true)], []],
    [
      "whole, as an environment",
      [needing({}, { envFrom: [{ configMapRef: { name: "c" } }] })],
      missing("containers[web].envFrom", "ConfigMap apps/c"),
    ],
    [
      "a volume",
      [needing({ volumes: [{ name: "v", secret: { secretName: "s" } }] })],
      missing("volume v", "Secret apps/s"),
    ],
    ["an optional volume", [needing({ volumes: [{ name: "v", configMap: { name: "s", optional: true } }] })], []],
    [
      "a projected volume",
      [needing({ volumes: [{ name: "v", projected: { sources: [{ configMap: { name: "c" } }] } }] })],
      missing("volume v", "ConfigMap apps/c"),
    ],
    [
      "the authority that every namespace has",
      [needing({ volumes: [{ name: "v", configMap: { name: "kube-root-ca.crt" } }] })],
      [],
    ],
    [
      "a claim",
      [needing({ volumes: [{ name: "v", persistentVolumeClaim: { claimName: "data" } }] })],
      missing("volume v", "PersistentVolumeClaim apps/data"),
    ],
    [
      "a pull secret",
      [needing({ imagePullSecrets: [{ name: "pull" }] })],
      missing("imagePullSecrets", "Secret apps/pull"),
    ],
    ["an account", [needing({ serviceAccountName: "web" })], missing("serviceAccountName", "ServiceAccount apps/web")],
    ["an account that is there", [needing({ serviceAccountName: "web" }), object("v1", "ServiceAccount", "web")], []],
    ["a priority", [needing({ priorityClassName: "high" })], missing("priorityClassName", "PriorityClass high")],
    [
      "a priority that is there",
      [
        needing({ priorityClassName: "high" }),
        object("scheduling.k8s.io/v1", "PriorityClass", "high", { metadata: { name: "high" } }),
      ],
      [],
    ],
    ["Kubernetes' own priority", [needing({ priorityClassName: "system-node-critical" })], []],
    [
      "cert-manager's Secret",
      [env("tls"), object("cert-manager.io/v1", "Certificate", "c", { spec: { secretName: "tls" } })],
      [],
    ],
    ["an ExternalSecret's", [env("x"), object("external-secrets.io/v1", "ExternalSecret", "x", { spec: {} })], []],
    ["CloudNativePG's", [env("pg-app"), object("postgresql.cnpg.io/v1", "Cluster", "pg", { spec: {} })], []],
    [
      "not one of CloudNativePG's",
      [env("pg-web"), object("postgresql.cnpg.io/v1", "Cluster", "pg", { spec: {} })],
      missing("containers[web].env A", "Secret apps/pg-web"),
    ],
    ["what an operator nobody knows may make", [env("x"), object("acme.example/v1", "Thing", "x")], []],
    ["a name that is not known yet", [env(unknown)], []],
    [
      "an operator's Secret whose name is not known yet",
      [env("tls"), object("cert-manager.io/v1", "Certificate", "c", { spec: { secretName: unknown } })],
      [],
    ],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, resources)).toEqual(expected);
  });

  const policy = object("gateway.networking.k8s.io/v1", "BackendTLSPolicy", "web", {
    spec: {
      validation: { hostname: "web", caCertificateRefs: [{ group: "", kind: "ConfigMap", name: "internal-ca" }] },
    },
  });
  const ingress = (secret: string) =>
    object("networking.k8s.io/v1", "Ingress", "web", {
      metadata: {
        name: "web",
        namespace: "apps",
        annotations: { "nginx.ingress.kubernetes.io/proxy-ssl-secret": secret },
      },
    });
  const secretName = "nginx.ingress.kubernetes.io/proxy-ssl-secret";
  it.each([
    ["a policy's authority", [policy, object("v1", "ConfigMap", "internal-ca")], []],
    [
      "a policy without its authority",
      [policy],
      missing("spec.validation.caCertificateRefs[0]", "ConfigMap apps/internal-ca"),
    ],
    ["an Ingress's authority", [ingress("apps/web-tls"), object("v1", "Secret", "web-tls")], []],
    ["an Ingress without its authority", [ingress("apps/web-tls")], missing(secretName, "Secret apps/web-tls")],
    [
      "an Ingress whose authority is elsewhere",
      [ingress("db/web-tls"), object("v1", "Secret", "web-tls", {}, "db")],
      missing(secretName, "Secret apps/db/web-tls"),
    ],
  ])("of TLS with backends: %s", async (_, resources, expected) => {
    expect(await findings(rule, resources)).toEqual(expected);
  });

  it("takes what the stack says is there; a reviewed exception passes, until it expires", async () => {
    expect(await findings(rule, [env("db")], { present: ["Secret/apps/db"] })).toEqual([]);
    const { valid, expired } = await withException(rule, "web", [env("db")]);
    expect([valid, expired.length]).toEqual([[], 1]);
  });

  it("leaves what charts render to chart-references-exist", () => {
    expect(look(rule, [chartPods]).messages).toEqual([]);
  });
});

const chartPods = rendered("apps/v1", "Deployment", "web", {
  spec: { template: template("web", { spec: { priorityClassName: "p", serviceAccountName: "web" } }) },
});

describe("chart-references-exist", () => {
  const rule = "chart-references-exist";
  const account = "serviceAccountName needs ServiceAccount apps/web, which nothing makes";
  const priority = "priorityClassName needs PriorityClass p, which nothing makes";

  it("sees what charts render, and knows that one that was not rendered may bring it", () => {
    expect(look(rule, [chartPods]).messages).toEqual([account, priority]);
    expect(look(rule, [chartPods, rendered("v1", "ServiceAccount", "web")]).messages).toEqual([priority]);
    expect(look(rule, [chartPods, release("other", "db")], {}, ["other"]).messages).toEqual([account]);
    expect(look(rule, [chartPods, release("other", "apps")], {}, ["other"]).messages).toEqual([]);
    expect(look(rule, [chartPods], { present: ["ServiceAccount/apps/web"] }).messages).toEqual([priority]);
  });

  it("leaves the stack's own pods to references-exist", async () => {
    expect(await findings(rule, [deployment("web", { spec: { priorityClassName: "p" } })])).toEqual([]);
  });

  it("says nothing of what is not known yet, and lists it", () => {
    const blind = rendered("apps/v1", "Deployment", "web", {
      spec: { template: template("web", { spec: { priorityClassName: unknown } }) },
    });
    expect(look(rule, [blind])).toEqual({ messages: [], blind: ["chart/Deployment/web"] });
  });
});

describe("binding-sound", () => {
  const rule = "binding-sound";
  const rbac = "rbac.authorization.k8s.io/v1";
  const binding = (spec: object, kind = "RoleBinding", namespace = "apps") =>
    object(rbac, kind, "web", {
      metadata: kind === "RoleBinding" ? { name: "web", namespace } : { name: "web" },
      ...spec,
    });
  const account = { kind: "ServiceAccount", name: "web", namespace: "apps" };
  const roleRef = { kind: "Role", name: "web" };

  it.each([
    [
      "both there",
      [binding({ roleRef, subjects: [account] }), object(rbac, "Role", "web"), object("v1", "ServiceAccount", "web")],
      [],
    ],
    [
      "no account",
      [binding({ roleRef, subjects: [account] }), object(rbac, "Role", "web")],
      ["it binds ServiceAccount apps/web, which nothing makes"],
    ],
    [
      "an account of its own namespace",
      [
        binding({ roleRef, subjects: [{ kind: "ServiceAccount", name: "web" }] }),
        object(rbac, "Role", "web"),
        object("v1", "ServiceAccount", "web"),
      ],
      [],
    ],
    ["no role", [binding({ roleRef, subjects: [] })], ["it binds Role apps/web, which nothing makes"]],
    [
      "no cluster role",
      [binding({ roleRef: { kind: "ClusterRole", name: "web" } }, "ClusterRoleBinding")],
      ["it binds ClusterRole web, which nothing makes"],
    ],
    [
      "a Role of the API server's own making",
      [
        binding(
          { roleRef: { kind: "Role", name: "extension-apiserver-authentication-reader" } },
          "RoleBinding",
          "kube-system",
        ),
      ],
      [],
    ],
    [
      "a Role of that name elsewhere",
      [binding({ roleRef: { kind: "Role", name: "extension-apiserver-authentication-reader" } })],
      ["it binds Role apps/extension-apiserver-authentication-reader, which nothing makes"],
    ],
    ["Kubernetes' own role", [binding({ roleRef: { kind: "ClusterRole", name: "view" } })], []],
    [
      "people are not of the stack",
      [binding({ roleRef: { kind: "ClusterRole", name: "view" }, subjects: [{ kind: "User", name: "ada" }] })],
      [],
    ],
    [
      "an operator's account",
      [
        binding({ roleRef: { kind: "ClusterRole", name: "view" }, subjects: [{ ...account, name: "pg" }] }),
        object("postgresql.cnpg.io/v1", "Cluster", "pg", { spec: {} }),
      ],
      [],
    ],
    ["not known yet", [binding({ roleRef: { kind: "Role", name: unknown } })], []],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, resources)).toEqual(expected);
  });

  it("knows that a chart that was not rendered may bring a cluster role", () => {
    const lonely = subject(`kubernetes:${rbac}:ClusterRoleBinding`, "web", {
      metadata: { name: "web" },
      roleRef: { kind: "ClusterRole", name: "web" },
    });
    expect(look(rule, [lonely, release("other", "db")], {}, ["other"]).messages).toEqual([]);
    expect(look(rule, [lonely, release("other", "db")]).messages).toHaveLength(1);
  });

  it("lets a reviewed exception pass, until it expires", async () => {
    const { valid, expired } = await withException(rule, "web", [binding({ roleRef })]);
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});
