import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import type { Backend, Gateway, RouteArgs } from "../../../../../components/kit/route";
import { hostsPart } from "../../../../../components/observability/collector/hosts";
import { OutsideHosts } from "../../../../../components/observability/hosts";
import { hostConfig } from "../../../../../components/observability/hosts/config";
import { namespaces } from "../../platform/objects/capabilities";
import { at, record } from "../../recorder";

function fakeGateway() {
  const routes: RouteArgs[] = [];
  const gateway = {
    route: (_name: string, args: RouteArgs) => {
      routes.push(args);
      return { url: `https://${args.host}/`, ready: undefined };
    },
  } as unknown as Gateway;
  return { gateway, routes };
}

describe("machines outside the cluster", () => {
  it("have a token each, in one Secret that is secret", async () => {
    const made = await record(() => {
      new OutsideHosts("outside-hosts", { namespaces: namespaces(), cluster: "demo", hosts: ["nas", "router"] });
    });
    const secret = made.one("Secret", "outside-hosts-tokens");
    expect(secret.secrets).toContain("stringData");
    expect(at(secret.inputs, "stringData", "tokens")).toBe("made-up-outside-hosts-nas\nmade-up-outside-hosts-router\n");
    expect(made.resources.filter(({ type }) => type.includes("randomPassword")).map(({ name }) => name)).toEqual([
      "outside-hosts-nas",
      "outside-hosts-router",
    ]);
  });

  it("come in by one route, and each gets a configuration of its own that is secret", async () => {
    const { gateway, routes } = fakeGateway();
    let configs: Record<string, pulumi.Output<string>> = {};
    await record(() => {
      const spaces = namespaces();
      const hosts = new OutsideHosts("outside-hosts", { namespaces: spaces, cluster: "demo", hosts: ["nas"] });
      const backend = { namespace: spaces.get("observability") } as unknown as Backend;
      configs = hosts.expose({ gateway, host: "telemetry.example.com", backend });
    });
    expect(routes.map(({ host }) => host)).toEqual(["telemetry.example.com"]);
    expect(Object.keys(configs)).toEqual(["nas"]);
    expect(await pulumi.isSecret(configs["nas"]!)).toBe(true);
    const text = await new Promise<string>((resolve) => void configs["nas"]!.apply(resolve));
    expect(text).toContain('endpoint = "https://telemetry.example.com"');
    expect(text).toContain('token = "made-up-outside-hosts-nas"');
  });
});

describe("the collector's way in for them", () => {
  const part = hostsPart({ cluster: "demo", secret: "tokens", ready: undefined as unknown as pulumi.Resource });
  const statements = (part.processors!["transform/hosts"] as Record<string, string[]>)["log_statements"]!;

  it("asks for a token", () => {
    expect(part.extensions).toEqual({
      "bearertokenauth/hosts": { scheme: "Bearer", filename: "/etc/otel-hosts/tokens" },
    });
    const receiver = part.receivers["otlp/hosts"] as { protocols: Record<string, { auth?: object }> };
    expect(Object.values(receiver.protocols).map(({ auth }) => auth)).toEqual([
      { authenticator: "bearertokenauth/hosts" },
    ]);
    expect(part.secrets).toEqual([{ name: "host-tokens", path: "/etc/otel-hosts", secret: "tokens" }]);
  });

  it("lets nobody pose as a pod or a node of the cluster", () => {
    expect(statements).toContain('set(resource.attributes["k8s.namespace.name"], "hosts")');
    expect(statements).toContain('set(resource.attributes["k8s.cluster.name"], "demo")');
    expect(statements).toContain('delete_key(resource.attributes, "k8s.pod.name")');
    const removed = statements.indexOf('delete_key(resource.attributes, "k8s.node.name")');
    expect(removed).toBeGreaterThanOrEqual(0);
    expect(removed).toBeLessThan(
      statements.findIndex((each) => each.startsWith('set(resource.attributes["k8s.node.name"]')),
    );
  });

  it("does so in all three pipelines, first of all", () => {
    for (const signal of ["traces", "metrics", "logs"] as const) {
      expect(part.pipelines[signal]).toEqual({ receivers: ["otlp/hosts"], processors: ["transform/hosts"] });
    }
  });
});

describe("the configuration of a machine", () => {
  const facts = { name: "nas", endpoint: "https://telemetry.example.com", token: "t0ken" };

  it("says the machine's name in everything", () => {
    const text = hostConfig(facts);
    expect(text.match(/set\(attributes\[\\"host\.name\\"\], \\"nas\\"\)/g)).toHaveLength(3);
  });

  it("gives nothing up while the cluster is away", () => {
    expect(hostConfig(facts)).toMatch(/retry_on_failure \{\n\s+max_elapsed_time = "0s"/);
    expect(hostConfig(facts)).toMatch(/sending_queue \{\n\s+block_on_overflow = true/);
  });

  it("believes the environment's own authority where that signs", () => {
    expect(hostConfig(facts)).not.toContain("ca_pem");
    expect(hostConfig({ ...facts, caPem: "-----BEGIN\nx" })).toContain('ca_pem = "-----BEGIN\\nx"');
  });

  it("leads every component to one that is there", () => {
    const text = hostConfig(facts);
    const made = new Set([...text.matchAll(/^([\w.]+) "(\w+)" \{/gm)].map(([, name, label]) => `${name}.${label}`));
    const named = [
      ...text.matchAll(
        /\b((?:otelcol|loki|prometheus|discovery)(?:\.\w+)+)\.(?:input|receiver|targets|output|rules|handler)\b/g,
      ),
    ];
    expect(named.length).toBeGreaterThan(10);
    expect(named.map(([, component]) => component).filter((component) => !made.has(component!))).toEqual([]);
  });
});
