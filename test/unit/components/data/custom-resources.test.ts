import { CiliumNetworkPolicy } from "@kubernetes-models/cilium/cilium.io/v2/CiliumNetworkPolicy";
import { Cluster } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1/Cluster";
import { Database } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1/Database";
import { describe, expect, it } from "vitest";
import { definitionCheck } from "../definitions";
import { createEnvironment, type EnvironmentName, testSettings } from "../environment";
import { kindOf, type Recorded } from "../recorder";
import { shared } from "../shared";

const environments: EnvironmentName[] = ["dev", "prod"];

/** Types of the npm packages; DatabaseRole is newer than they are. */
const models: Record<string, (object: never) => { validate(): void }> = {
  CiliumNetworkPolicy: (object) => new CiliumNetworkPolicy(object),
  Cluster: (object) => new Cluster(object),
  Database: (object) => new Database(object),
};

const definitions: Record<string, string> = {
  CiliumNetworkPolicy: "ciliumnetworkpolicies.cilium.io",
  Cluster: "clusters.postgresql.cnpg.io",
  Database: "databases.postgresql.cnpg.io",
  DatabaseRole: "databaseroles.postgresql.cnpg.io",
};

const folder = shared("crds", "custom resources against the CustomResourceDefinitions");

async function customResources(environment: EnvironmentName): Promise<Recorded[]> {
  const { made } = await createEnvironment(testSettings(environment));
  return made
    .objects()
    .filter(({ inputs }) => inputs["apiVersion"] !== undefined && inputs["kind"] !== undefined)
    .filter((resource) => Object.hasOwn(definitions, kindOf(resource)));
}

describe.each(environments)("the custom resources of %s", (environment) => {
  it("are all of them known here", async () => {
    const kinds = new Set((await customResources(environment)).map(kindOf));
    expect([...kinds].sort()).toEqual(Object.keys(definitions).sort());
  });

  it("meet the types of the npm packages", async () => {
    for (const resource of await customResources(environment)) {
      const model = models[kindOf(resource)];
      if (model !== undefined) {
        expect(() => model(resource.inputs as never).validate(), resource.name).not.toThrow();
      }
    }
  });

  it.skipIf(folder === undefined)("meet their CustomResourceDefinitions, with no field that is not there", async () => {
    for (const resource of await customResources(environment)) {
      const check = definitionCheck(folder!, definitions[kindOf(resource)]!);
      check(resource.inputs);
      expect(check.errors ?? [], resource.name).toEqual([]);
    }
  });
});

it.skipIf(folder === undefined)("the check finds a field that is not there", async () => {
  const check = definitionCheck(folder!, definitions["Database"]!);
  const spec = { cluster: { name: "x" }, name: "a", owner: "a" };
  expect(check({ apiVersion: "v1", kind: "Database", metadata: {}, spec })).toBe(true);
  expect(check({ apiVersion: "v1", kind: "Database", metadata: {}, spec: { ...spec, extension: [] } })).toBe(false);
});
