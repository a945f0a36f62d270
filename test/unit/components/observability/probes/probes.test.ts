import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  type GatewayFacts,
  type GatewayTrust,
  Probes,
  type ProbeTarget,
  probeConfig,
} from "../../../../../components/observability/probes";
import { byModule, portOf, probeSpec } from "../../../../../components/observability/probes/targets";
import type { SettingsInput } from "../../../../../stacks/settings";
import { plannedProbes, serviceOf } from "../../../../../stacks/settings/probes";
import { createEnvironment, testSettings } from "../../../components/environment";
import { namespaces } from "../../platform/objects/capabilities";
import { at, kindOf, type Recorder, record } from "../../recorder";

class Anything extends pulumi.ComponentResource {}

const page: ProbeTarget = {
  address: "https://flows.example.com/",
  module: "route",
  service: "n8n",
  severity: "critical",
  throughGateway: true,
};
const port: ProbeTarget = { ...page, address: "example.com:5432", module: "tcp_connect", service: "postgres" };
const outside: ProbeTarget = {
  address: "https://status.example.org:8443/health",
  module: "http_2xx",
  service: "external",
  severity: "warning",
};

interface Wish {
  readonly targets?: readonly ProbeTarget[];
  readonly gateway?: Partial<GatewayFacts>;
}

function create({ targets = [page, port, outside], gateway }: Wish = {}): Promise<Recorder> {
  return record(() => {
    const operator = new Anything("test:index:Operator", "operator");
    new Probes("blackbox-exporter", {
      namespaces: namespaces("dev"),
      targets,
      intervalSeconds: 60,
      operator,
      gateway: { address: "10.0.0.6", trust: { by: "public" }, ...gateway },
    });
  });
}

const settings = (more: Partial<SettingsInput> = {}) =>
  testSettings(
    "dev",
    { postgres: { enabled: true, gatewayPort: 5432 }, n8n: { enabled: true, host: "flows" } },
    {
      gateway: { enabled: true },
      certificates: { enabled: true },
      observability: { enabled: true },
      ...more,
    },
  );

describe("what is asked", () => {
  it("is every route and every port of the gateway, and what the settings name", () => {
    const planned = plannedProbes(
      settings({
        observability: { enabled: true, probes: { targets: ["https://a.example.org", "b.example.org:25"] } },
      }),
    );
    expect(planned).toEqual([
      { ...page, address: "https://flows.test.example.com/" },
      { ...port, address: "test.example.com:5432" },
      { address: "https://a.example.org", module: "http_2xx", service: "external", severity: "warning" },
      { address: "b.example.org:25", module: "tcp_connect", service: "external", severity: "warning" },
    ]);
  });

  it("is no route while there is no gateway", () => {
    expect(plannedProbes(settings({ gateway: { enabled: false } }))).toEqual([]);
  });

  it("is a page with sign-in by its redirect, and machines' paths by any answer", () => {
    const identity = { enabled: true, consoles: { hubble: { host: "hubble" } } };
    const modules = Object.fromEntries(
      plannedProbes(settings({ identity })).map(({ address, module, severity }) => [address, [module, severity]]),
    );
    expect(modules["https://hubble.test.example.com/"]).toEqual(["sign_in", "warning"]);
    expect(modules["https://flows.test.example.com/"]).toEqual(["sign_in", "critical"]);
    expect(modules["https://flows.test.example.com/webhook"]).toEqual(["machines", "critical"]);
    expect(modules["https://auth.test.example.com/"]).toEqual(["route", "critical"]);
  });

  it.each([
    ["services.n8n.host", "n8n"],
    ["services.kafka.ui.host", "kafka"],
    ["identity.host", "identity"],
    ["identity.consoles.hubble.host", "hubble"],
    ["observability.dashboards.host", "grafana"],
    ["objects.minio.console.host", "objects"],
  ])("belongs to a service: %s", (setting, service) => {
    expect(serviceOf(setting)).toBe(service);
  });

  it.each([
    ["https://a.example.com/x", 443],
    ["https://a.example.com:8443", 8443],
    ["a.example.com:5432", 5432],
  ])("is at a port: %s", (address, number) => {
    expect(portOf(address)).toBe(number);
  });
});

describe("the exporter's configuration", () => {
  const modules = (trust: GatewayTrust) =>
    parse(probeConfig(trust)).modules as Record<string, { prober: string; timeout: string; http?: object }>;

  it("believes the gateway by the authority that signs for it", () => {
    const file = "/etc/ssl/internal/ca.crt";
    expect(modules({ by: "authority", file })["route"]!.http).toMatchObject({ tls_config: { ca_file: file } });
    expect(modules({ by: "public" })["route"]!.http).not.toHaveProperty("tls_config");
    expect(modules({ by: "nobody" })["route"]!.http).toMatchObject({ tls_config: { insecure_skip_verify: true } });
  });

  it("never follows a redirect away from the gateway, and never takes plain HTTP", () => {
    const { route, sign_in, machines, http_2xx } = modules({ by: "public" });
    for (const each of [route, sign_in, machines]) expect(each!.http).toMatchObject({ follow_redirects: false });
    for (const each of [route, sign_in, machines, http_2xx])
      expect(each!.http).toMatchObject({ fail_if_not_ssl: true });
  });

  it("takes no content where somebody has to sign in, and no error of the gateway anywhere", () => {
    const codes = (name: string) =>
      at(modules({ by: "public" })[name]!, "http", "valid_status_codes") as unknown as number[];
    expect(codes("sign_in")).not.toContain(200);
    expect(codes("sign_in")).toEqual(expect.arrayContaining([302, 401]));
    expect(codes("route")).not.toContain(404);
    for (const name of ["route", "sign_in", "machines"]) expect(codes(name).every((code) => code < 500)).toBe(true);
  });

  it("gives up before Prometheus does", () => {
    for (const { timeout } of Object.values(modules({ by: "public" })))
      expect(Number.parseInt(timeout, 10)).toBeLessThan(10);
  });
});

describe("Probe resources", () => {
  const facts = { exporter: "x:9115", gatewayAddress: "10.0.0.6", intervalSeconds: 60, timeoutSeconds: 10 };

  it("are one for each way of asking", () => {
    expect(
      byModule([page, port, { ...page, address: "https://b.example.com/" }]).map(([module, { length }]) => [
        module,
        length,
      ]),
    ).toEqual([
      ["route", 2],
      ["tcp_connect", 1],
    ]);
  });

  it("lead the connection to the gateway and keep the name", () => {
    const rules = at(probeSpec("route", [page], facts), "targets", "staticConfig", "relabelingConfigs");
    expect(rules).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ targetLabel: "__param_hostname", replacement: "$1" }),
        expect.objectContaining({ targetLabel: "__param_target", replacement: "https://10.0.0.6$2" }),
      ]),
    );
    const away = at(probeSpec("http_2xx", [outside], facts), "targets", "staticConfig", "relabelingConfigs");
    expect(JSON.stringify(away)).not.toContain("10.0.0.6");
  });

  it("are waited for by nobody but the operator, and ask as often as the settings say", async () => {
    const made = await create();
    const probes = made.objects().filter((each) => kindOf(each) === "Probe");
    expect(probes.map(({ name }) => name).sort()).toEqual(["probe-http-2xx", "probe-route", "probe-tcp-connect"]);
    for (const { inputs } of probes) {
      expect(at(inputs, "spec")).toMatchObject({
        interval: "60s",
        scrapeTimeout: "10s",
        prober: { url: "blackbox-exporter.observability.svc:9115" },
      });
    }
  });
});

describe("the exporter's ways", () => {
  const world = (made: Recorder) =>
    at(made.one("CiliumNetworkPolicy", "blackbox-exporter-world").inputs, "spec", "egress", 0);
  const paths = (made: Recorder) =>
    made
      .kind("NetworkPolicy")
      .map(({ name }) => name)
      .filter((name) => name.startsWith("blackbox-exporter-gateway"));

  it("lead outside, at the ports of what is asked and no other", async () => {
    const made = await create();
    expect(at(world(made), "toEntities")).toEqual(["world"]);
    expect(at(world(made), "toPorts", 0, "ports")).toEqual(
      ["443", "5432", "8443"].map((number) => ({ port: number, protocol: "TCP" })),
    );
    expect(paths(made)).toEqual([]);
  });

  it("lead to the gateway's pods where Cilium takes a connection there itself", async () => {
    const made = await record(() => {
      const all = namespaces("dev");
      const operator = new Anything("test:index:Operator", "operator");
      const namespace = all.get("gateway");
      const pods = { namespace: "gateway", labels: { app: "gateway" }, instance: "gateway" };
      const direct = { pods, namespace, ports: [{ name: "443", port: 10443 }] };
      const gateway: GatewayFacts = { address: "10.0.0.6", trust: { by: "public" }, direct };
      new Probes("blackbox-exporter", {
        namespaces: all,
        targets: [page, outside],
        intervalSeconds: 60,
        operator,
        gateway,
      });
    });
    expect(paths(made).sort()).toEqual(["blackbox-exporter-gateway-egress", "blackbox-exporter-gateway-ingress"]);
    expect(at(world(made), "toPorts", 0, "ports")).toEqual([{ port: "8443", protocol: "TCP" }]);
  });
});

describe("in an environment", () => {
  const probes = async (more: Partial<SettingsInput>) => {
    const { made } = await createEnvironment(settings(more));
    return made.objects().filter((each) => kindOf(each) === "Probe").length;
  };

  it("are there by themselves, and gone when they are switched off", async () => {
    expect(await probes({})).toBe(2);
    expect(await probes({ observability: { enabled: true, probes: { enabled: false } } })).toBe(0);
    expect(await probes({ observability: { enabled: false } })).toBe(0);
  }, 60_000);
});
