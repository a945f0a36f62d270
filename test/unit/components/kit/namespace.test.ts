import { describe, expect, it } from "vitest";
import { type Domain, type DomainDefinition, domains, quotaFor } from "../../../../components/kit/domains";
import { DomainNamespace, Namespaces } from "../../../../components/kit/namespace";
import { at, record } from "../recorder";

const all = Object.keys(domains) as Domain[];

async function namespaceOf(domain: Domain) {
  return record(() => new DomainNamespace(domain, { domain, environment: "dev" }));
}

describe.each(all)("the namespace %s", (domain) => {
  const definition: DomainDefinition = domains[domain];

  it("enforces its Pod Security level, and gives a reason for anything below restricted", async () => {
    const { inputs } = (await namespaceOf(domain)).one("Namespace", domain);
    expect(at(inputs, "metadata", "labels", "pod-security.kubernetes.io/enforce")).toBe(definition.level);
    const reason = at(inputs, "metadata", "annotations", "orrery.dev/exception.pod-security-restricted");
    expect(reason === undefined).toBe(definition.level === "restricted");
  });

  it("stays in the cluster, and is taken over when it comes back, if there is data in it", async () => {
    const { inputs, retainOnDelete } = (await namespaceOf(domain)).one("Namespace", domain);
    const force = at(inputs, "metadata", "annotations", "pulumi.com/patchForce");
    expect([retainOnDelete, force]).toEqual(definition.quota === "data" ? [true, "true"] : [false, undefined]);
  });

  it("denies everything both ways and allows DNS", async () => {
    const made = await namespaceOf(domain);
    expect(made.one("NetworkPolicy", "default-deny").inputs["spec"]).toEqual({
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
    });
    expect(made.one("NetworkPolicy", "allow-dns").inputs["spec"]).toEqual({
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [
        {
          to: [
            {
              namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
              podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
            },
          ],
          ports: [
            { port: 53, protocol: "UDP" },
            { port: 53, protocol: "TCP" },
          ],
        },
      ],
    });
    expect(made.kind("NetworkPolicy")).toHaveLength(2);
  });

  it("limits what it may take, and what a container gets that says nothing", async () => {
    const made = await namespaceOf(domain);
    expect(at(made.one("ResourceQuota", "quota").inputs, "spec", "hard")).toEqual(quotaFor(definition.quota, "dev"));
    expect(at(made.one("LimitRange", "defaults").inputs, "spec", "limits", 0)).toMatchObject({
      type: "Container",
      defaultRequest: { cpu: expect.any(String), memory: expect.any(String) },
    });
  });

  it("bounds the memory of containers that do not bound it themselves, unless they are agents of the nodes", async () => {
    const made = await namespaceOf(domain);
    const agents = definition.quota === "agents";
    const limit = at(made.one("LimitRange", "defaults").inputs, "spec", "limits", 0, "default");
    expect(limit).toEqual(agents ? undefined : { memory: "256Mi" });
    const hard = at(made.one("ResourceQuota", "quota").inputs, "spec", "hard");
    // A quota of limits would refuse every pod that has none.
    expect(Object.keys(hard as object).includes("limits.memory")).toBe(!agents);
  });

  it("has the namespace before anything in it, and everything under one component", async () => {
    const made = await namespaceOf(domain);
    const component = made.component("orrery:kit:Namespace", domain);
    const namespace = made.one("Namespace", domain);
    for (const object of made.objects()) {
      expect(object.parent).toBe(component.urn);
      if (object !== namespace) {
        expect(object.dependencies).toContain(namespace.urn);
        expect(at(object.inputs, "metadata", "namespace")).toBe(domain);
      }
    }
    expect(component.outputs).toEqual({ name: domain });
  });
});

describe("Namespaces", () => {
  it("makes a namespace when it is asked for, and once", async () => {
    const asked: DomainNamespace[] = [];
    const made = await record(() => {
      const namespaces = new Namespaces({ environment: "dev" }, {});
      asked.push(namespaces.get("db"), namespaces.get("db"), namespaces.get("vec"));
    });
    expect(asked[0]).toBe(asked[1]);
    expect(asked[0]).not.toBe(asked[2]);
    expect(made.kind("Namespace").map(({ name }) => name)).toEqual(["db", "vec"]);
  });
});
