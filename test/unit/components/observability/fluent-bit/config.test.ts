import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { fluentBitConfig } from "../../../../../components/observability/fluent-bit/config";
import { fieldsScript } from "../../../../../components/observability/fluent-bit/fields";

type Plugin = Record<string, string | number>;
interface Config {
  service: Plugin;
  pipeline: { inputs: Plugin[]; filters: Plugin[]; outputs: Plugin[] };
}

const config = parse(
  fluentBitConfig({ cluster: "demo", pushUrl: "http://loki.observability.svc:3100/loki/api/v1/push" }),
) as Config;
const { inputs, filters, outputs } = config.pipeline;

describe("Fluent Bit's configuration", () => {
  it("reads pods and the node itself from the beginning, and goes on where it ended", () => {
    expect(inputs.map(({ path }) => path)).toEqual(["/var/log/containers/*.log", "/var/log/*.log"]);
    const databases = inputs.map(({ db }) => db);
    expect(new Set(databases).size).toBe(2);
    for (const input of inputs) {
      expect(input).toMatchObject({ read_from_head: "true", "storage.type": "filesystem", skip_long_lines: "on" });
      expect(input["db"]).toMatch(/^\/var\/lib\/fluent-bit\//);
    }
  });

  it("lets no pod hide its logs", () => {
    expect(filters.find(({ name }) => name === "kubernetes")).toMatchObject({ "k8s-logging.exclude": "off" });
  });

  it("sends the line as it was, with our labels, and gives nothing up", () => {
    expect(outputs).toHaveLength(1);
    expect(outputs[0]).toMatchObject({
      host: "loki.observability.svc",
      port: 3100,
      uri: "/loki/api/v1/push",
      labels: "cluster=demo, namespace=$namespace, service=$service, node=$node",
      structured_metadata_map_keys: "$metadata",
      drop_single_key: "raw",
      retry_limit: "no_limits",
    });
  });

  it("ends with the Lua function that the script has", () => {
    const last = filters.at(-1)!;
    expect(last).toMatchObject({ name: "lua", match: "*" });
    expect(fieldsScript()).toContain(`function ${last["call"]}(tag, timestamp, record)`);
  });
});
