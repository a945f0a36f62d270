import { describe, expect, it } from "vitest";
import { Settings } from "../../../stacks/settings/schema";
import { clickhouseKeepers } from "../../../stacks/settings/schema/data/clickhouse";
import { plannedVolumes } from "../../../stacks/settings/volumes";
import { createEnvironment, testSettings } from "../components/environment";

const settings = (environment: "dev" | "prod", clickhouse: object) => {
  const { services } = Settings.parse({
    ...testSettings(environment),
    services: { clickhouse: { enabled: true, ...clickhouse } },
  });
  return services.clickhouse;
};

describe("Keepers that the settings leave open", () => {
  it.each([
    ["dev", {}, 0],
    ["dev", { replicas: 2 }, 1],
    ["dev", { shards: 2 }, 1],
    ["prod", { replicas: 2 }, 3],
    ["dev", { keepers: 3 }, 3],
  ] as const)("in %s with %o: %i", (environment, clickhouse, keepers) => {
    expect(clickhouseKeepers(settings(environment, clickhouse), environment)).toBe(keepers);
  });
});

it("plans a volume for each server and each Keeper", () => {
  const planned = plannedVolumes(
    testSettings("prod", { clickhouse: { enabled: true, replicas: 2, storageGiB: 50 } }),
  ).map(({ countSetting, count, storageGiB }) => [countSetting, count, storageGiB]);
  expect(planned).toEqual([
    ["services.clickhouse.replicas", 2, 50],
    ["services.clickhouse.keepers", 3, 10],
  ]);
});

it("makes ClickHouse with the databases of the settings, by their users", async () => {
  const { made, outputs } = await createEnvironment(
    testSettings(
      "dev",
      {
        clickhouse: {
          enabled: true,
          replicas: 2,
          databases: [
            { name: "views", consumer: { namespace: "ml", app: "trainer" } },
            { name: "views", readOnly: true },
          ],
          backup: { enabled: true },
        },
      },
      { objects: { kind: "minio" }, certificates: { enabled: true } },
    ),
  );
  expect(outputs["clickhouse"]).toEqual({
    host: "clickhouse.db.svc",
    port: 9440,
    databases: {
      views: { host: "clickhouse.db.svc", port: 9440, secret: { namespace: "ml", name: "clickhouse-views" } },
      views_reader: {
        host: "clickhouse.db.svc",
        port: 9440,
        secret: { namespace: "db", name: "clickhouse-views-reader" },
      },
    },
  });
  expect(made.kind("ClickHouseInstallation")).toHaveLength(1);
  expect(made.one("CronJob", "clickhouse-backup").inputs["spec"]).toMatchObject({ schedule: "30 1 * * *" });
});
