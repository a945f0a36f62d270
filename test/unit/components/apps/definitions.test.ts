import { describe, expect, it } from "vitest";
import { applications } from "../../../../components/apps";
import { type ApplicationDefinition, applicationPods } from "../../../../components/kit/application-definition";

const all: [string, ApplicationDefinition][] = Object.entries(applications);

describe.each(all)("%s", (_, definition) => {
  const pods = applicationPods(definition, {
    environment: "prod",
    url: "https://app.test",
    databaseSecret: "database",
    generatedSecret: "generated",
  });

  it("asks and serves at paths", () => {
    const { probes, metricsPath = "/", machinePaths = [] } = definition;
    for (const path of [probes.ready, probes.live, metricsPath, ...machinePaths]) expect(path).toMatch(/^\/\S*$/);
  });

  it("sets no variable twice, and every one that is secret from a Secret", () => {
    const { environment = {}, publicEnvironment, database, generated = [] } = definition;
    const names = [
      ...Object.keys(environment),
      ...Object.keys(publicEnvironment?.(new URL("https://app.test")) ?? {}),
      ...Object.keys(database?.environment ?? {}),
      ...Object.keys(database?.trust?.(undefined) ?? {}),
      ...generated,
    ];
    expect(new Set(names).size).toBe(names.length);
    expect(Object.keys(pods.environment ?? {}).sort()).toEqual(names.sort());
    for (const name of names.filter((each) => /PASSWORD|SECRET|KEY$|TOKEN/.test(each))) {
      expect(pods.environment?.[name], name).toMatchObject({ secret: expect.any(String), key: expect.any(String) });
    }
  });

  it("believes the database's certificate by the authority that signed it, where there is one", () => {
    if (definition.database?.trust === undefined) return;
    const facts = { environment: "dev", databaseSecret: "database", databaseAuthority: "internal-ca" } as const;
    const { environment = {}, volumes } = applicationPods(definition, facts);
    const [mounted] = volumes?.configMaps ?? [];
    expect(mounted?.configMap).toBe("internal-ca");
    expect(Object.values(environment)).toContain(`${mounted?.path}/ca.crt`);
    expect(JSON.stringify(environment)).not.toContain("UNAUTHORIZED");
  });

  it("runs as somebody who is not root, on directories with a limit", () => {
    expect(pods.runAs?.user ?? 65532).toBeGreaterThan(0);
    for (const { sizeLimitMiB } of pods.volumes?.scratch ?? []) expect(sizeLimitMiB).toBeGreaterThan(0);
  });
});
