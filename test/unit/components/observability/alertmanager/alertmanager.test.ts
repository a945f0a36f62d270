import { describe, expect, it } from "vitest";
import { alertmanagerConfig } from "../../../../../components/observability/alertmanager/config";
import { type AlertmanagerReceiver, portOf } from "../../../../../components/observability/alertmanager/receivers";
import { at } from "../../recorder";
import { type Asked, renderAlertmanager } from "./support";

const slack: AlertmanagerReceiver = { name: "team", type: "slack", channel: "#alerts", urlSecret: "slack-url" };
const mail: AlertmanagerReceiver = {
  name: "mail",
  type: "email",
  to: "a@example.com",
  from: "b@example.com",
  smarthost: "smtp.example.com:587",
  username: "u",
  passwordSecret: "mail-password",
};
const nobody = { critical: [], warning: [], watchdog: [] };

describe("the configuration of Alertmanager", () => {
  it("all receivers of a severity are told, the Watchdog first and apart", () => {
    const routes = { critical: ["a", "b"], warning: ["b"], watchdog: ["c"] };
    const { route } = alertmanagerConfig({ receivers: [], routes, secretsDirectory: "/s" });
    expect(route.receiver).toBe("nobody");
    expect(route.routes.map((each) => [each.matchers[0], each.receiver, "continue" in each])).toEqual([
      ['alertname="Watchdog"', "c", false],
      ['severity="critical"', "a", true],
      ['severity="critical"', "b", false],
      ['severity="warning"', "b", false],
    ]);
  });

  it("without receivers everything ends with nobody", () => {
    const { route, receivers } = alertmanagerConfig({ receivers: [], routes: nobody, secretsDirectory: "/s" });
    expect(route.routes.map(({ receiver }) => receiver)).toEqual(["nobody", "nobody", "nobody"]);
    expect(receivers).toEqual([{ name: "nobody" }]);
  });

  it("secrets are files, never values", () => {
    const receivers = [slack, mail];
    const config = alertmanagerConfig({ receivers, routes: nobody, secretsDirectory: "/s" });
    expect(config.receivers[1]).toMatchObject({
      slack_configs: [{ api_url_file: "/s/slack-url", channel: "#alerts" }],
    });
    expect(config.receivers[2]).toMatchObject({ email_configs: [{ auth_password_file: "/s/mail-password" }] });
  });

  it.each([
    [slack, 443],
    [mail, 587],
    [{ ...mail, smarthost: "[2001:db8::1]:2525" }, 2525],
  ])("is reached at the receiver's own port", (receiver, port) => {
    expect(portOf(receiver)).toBe(port);
  });
});

describe("Alertmanager", () => {
  it("has one Secret for all receivers, mounted, and asks for each once", async () => {
    const asked: Asked = [];
    const made = await renderAlertmanager(
      { receivers: [slack, { ...slack, name: "more" }, mail], routes: nobody },
      asked,
    );
    expect(asked.map(({ secretName, namespace, keys }) => ({ secretName, namespace, keys }))).toEqual([
      {
        secretName: "alertmanager-receivers",
        namespace: "observability",
        keys: { "slack-url": "slack-url", "mail-password": "mail-password" },
      },
    ]);
    expect(at(made.one("Alertmanager", "alertmanager").inputs, "spec", "secrets")).toEqual(["alertmanager-receivers"]);
  });

  it("reaches outside only the ports of its receivers", async () => {
    const made = await renderAlertmanager({ receivers: [slack, mail], routes: nobody });
    const egress = at(made.one("CiliumNetworkPolicy", "alertmanager-world").inputs, "spec", "egress", 0, "toPorts", 0);
    expect(egress).toEqual({
      ports: [
        { port: "443", protocol: "TCP" },
        { port: "587", protocol: "TCP" },
      ],
    });
  });

  it("alone and without receivers: no way out, no peers, no budget, no Secret of receivers", async () => {
    const asked: Asked = [];
    const made = await renderAlertmanager({ receivers: [], routes: nobody }, asked);
    expect(asked).toEqual([]);
    expect(made.kind("CiliumNetworkPolicy")).toEqual([]);
    expect(made.kind("PodDisruptionBudget")).toEqual([]);
    expect(made.kind("NetworkPolicy").map(({ name }) => name)).not.toContain("alertmanager-peers");
    const { spec } = made.one("Alertmanager", "alertmanager").inputs;
    expect(spec).toMatchObject({
      replicas: 1,
      configSecret: "alertmanager-config",
      automountServiceAccountToken: false,
    });
    expect(at(spec, "secrets")).toBeUndefined();
    expect(at(spec, "resources")).toEqual({ requests: { cpu: "10m", memory: "64Mi" }, limits: { memory: "64Mi" } });
  });

  it("three of them talk over TCP and UDP, on different nodes, and one at most is drained", async () => {
    const made = await renderAlertmanager({ receivers: [], routes: nobody, replicas: 3 });
    const ports = at(made.one("NetworkPolicy", "alertmanager-peers").inputs, "spec", "ingress", 0, "ports");
    expect(ports).toEqual([
      { port: 9094, protocol: "TCP" },
      { port: 9094, protocol: "UDP" },
    ]);
    expect(at(made.one("PodDisruptionBudget", "alertmanager").inputs, "spec", "maxUnavailable")).toBe(1);
    const { spec } = made.one("Alertmanager", "alertmanager").inputs;
    expect(at(spec, "affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution")).toHaveLength(1);
  });

  it("Prometheus has the one path to it", async () => {
    const made = await renderAlertmanager({ receivers: [], routes: nobody });
    const { inputs } = made.one("NetworkPolicy", "prometheus-to-alertmanager-alerts-ingress");
    expect(at(inputs, "spec", "ingress", 0, "ports")).toEqual([{ port: 9093, protocol: "TCP" }]);
  });

  it("waits until the operator says that it is there", async () => {
    const made = await renderAlertmanager({ receivers: [], routes: nobody });
    const { metadata } = made.one("Alertmanager", "alertmanager").inputs;
    expect(at(metadata, "annotations", "pulumi.com/waitFor")).toBe("condition=Available");
  });
});
