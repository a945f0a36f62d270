import { describe, expect, it } from "vitest";
import { serverConfig } from "../../../../../components/data/clickhouse/server-config";
import { clickhouseSignals } from "../../../../../components/data/clickhouse/signals";
import { usersConfig } from "../../../../../components/data/clickhouse/users-config";
import { configFile, fromEnv, REMOVED } from "../../../../../components/data/clickhouse/xml";

describe("configFile", () => {
  it("writes elements, lists, attributes and what is removed", () => {
    expect(configFile({ a: { b: [1, "x & <y>"], c: fromEnv("SECRET"), d: REMOVED, e: undefined }, f: true })).toBe(
      [
        "<clickhouse>",
        "  <a>",
        "    <b>1</b>",
        "    <b>x &amp; &lt;y&gt;</b>",
        '    <c from_env="SECRET"/>',
        '    <d remove="1"/>',
        "  </a>",
        "  <f>true</f>",
        "</clickhouse>",
        "",
      ].join("\n"),
    );
  });
});

describe("serverConfig", () => {
  const plain = serverConfig({ secure: false, replicated: false });

  it("without a certificate: no TLS, and ClickHouse's own ports", () => {
    expect(plain).not.toContain("openSSL");
    expect(plain).not.toContain("<tcp_port");
    expect(plain).toContain('<mysql_port remove="1"/>');
  });

  it("with a certificate: nothing listens without it", () => {
    const secure = serverConfig({ secure: true, replicated: true });
    for (const port of ["tcp_port", "http_port", "interserver_http_port"]) {
      expect(secure).toContain(`<${port} remove="1"/>`);
    }
    expect(secure).toContain("<verificationMode>strict</verificationMode>");
  });

  it("keeps users with the Keepers where there are any", () => {
    expect(plain).toContain("<local_directory>");
    const replicated = serverConfig({ secure: false, replicated: true });
    expect(replicated).toContain("<zookeeper_path>/clickhouse/access</zookeeper_path>");
    expect(replicated).not.toContain("<local_directory>");
  });

  it.each([
    ["a store with the internal authority", "internal-ca", "false"],
    ["a store of the internet", undefined, "true"],
  ])("believes %s", (_, caConfigMap, publicToo) => {
    const backup = { bucket: "b", endpoint: "https://s3.test", region: "eu", caConfigMap };
    const client = serverConfig({ secure: true, replicated: false, backup }).split("<client>")[1]!;
    expect(client).toContain(`<loadDefaultCAFile>${publicToo}</loadDefaultCAFile>`);
  });

  it("has the keys of the backups' store in no file", () => {
    const backup = { bucket: "b", endpoint: "https://s3.test/", region: "eu" };
    const config = serverConfig({ secure: true, replicated: false, backup });
    expect(config).toContain("<url>https://s3.test/b/</url>");
    expect(config).toContain('<secret_access_key from_env="BACKUP_SECRET_ACCESS_KEY"/>');
  });
});

describe("usersConfig", () => {
  it("lets a consumer's query have half of the memory, and not ask for more", () => {
    const config = usersConfig({ memoryMiB: 1024, replicated: false, backup: false });
    expect(config).toContain(`<max_memory_usage>${512 * 1024 * 1024}</max_memory_usage>`);
    expect(config).toContain(`<max>${512 * 1024 * 1024}</max>`);
  });

  it("has the user of the backups only where there are any", () => {
    expect(usersConfig({ memoryMiB: 1, replicated: true, backup: true })).toContain("GRANT BACKUP ON *.*");
    expect(usersConfig({ memoryMiB: 1, replicated: true, backup: false })).not.toContain("<backup>");
  });
});

it("signals use metrics that are named, each of them", () => {
  const used = clickhouseSignals.signals.flatMap(({ expression }) => expression.match(/ClickHouse\w+_\w+/g) ?? []);
  expect([...new Set(used)].sort()).toEqual([...clickhouseSignals.metrics].sort());
});
