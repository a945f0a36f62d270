import { readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parseSettings, readStackFile } from "../../../stacks/settings";
import { definitionCheck } from "./definitions";
import { type Created, createEnvironment } from "./environment";
import { kindOf, type Recorded } from "./recorder";
import { shared } from "./shared";

const folder = shared("crds", "custom resources of whole environments against the CustomResourceDefinitions");
const root = path.join(__dirname, "../../..");
const files = ["Pulumi.dev.yaml", "Pulumi.prod.yaml", "stacks/presets/homelab.yaml"];

/** Name of the definition by group and kind. */
function definitionNames(): Map<string, string> {
  const lines = readFileSync(path.join(folder!, "INDEX.tsv"), "utf8").trim().split("\n");
  return new Map(
    lines.map((line) => {
      const [name = "", kind] = line.split("\t");
      return [`${name.slice(name.indexOf(".") + 1)}/${kind}`, name];
    }),
  );
}

const checks = new Map<string, ReturnType<typeof definitionCheck>>();

/** Large definitions take seconds to read. */
function checkOf(name: string): ReturnType<typeof definitionCheck> {
  const check = checks.get(name) ?? definitionCheck(folder!, name);
  checks.set(name, check);
  return check;
}

function groupOf({ inputs }: Recorded): string {
  const version: unknown = inputs["apiVersion"];
  return typeof version === "string" && version.includes("/") ? version.slice(0, version.indexOf("/")) : "";
}

describe.skipIf(folder === undefined).each(files)("%s, as a whole", (file) => {
  let created: Created;
  beforeAll(async () => {
    created = await createEnvironment(parseSettings(readStackFile(readFileSync(path.join(root, file), "utf8"))));
  }, 60_000);

  it("has only custom resources that their definitions know, field by field", () => {
    const names = definitionNames();
    const custom = created.made
      .objects()
      .map((resource) => ({ resource, name: names.get(`${groupOf(resource)}/${kindOf(resource)}`) }))
      .filter(({ name }) => name !== undefined);
    expect(custom.length).toBeGreaterThan(10);
    const problems = custom.flatMap(({ resource, name }) => {
      const check = checkOf(name!);
      check(resource.inputs);
      return (check.errors ?? []).map((error) => `${kindOf(resource)} ${resource.name}: ${JSON.stringify(error)}`);
    });
    expect(problems).toEqual([]);
  }, 120_000);

  it("puts no two objects in one place", () => {
    const places = created.made.objects().map((resource) => {
      const { metadata } = resource.inputs as { metadata?: { namespace?: string; name?: string } };
      return [groupOf(resource), kindOf(resource), metadata?.namespace, metadata?.name].join("/");
    });
    expect(places.filter((place, index) => places.indexOf(place) < index)).toEqual([]);
  });
});

it("installs what makes certificates of its own only when the cluster knows certificates", async () => {
  const text = readFileSync(path.join(root, "Pulumi.prod.yaml"), "utf8");
  const { made } = await createEnvironment(parseSettings(readStackFile(text)));
  const issuer = made.objects().find((resource) => kindOf(resource) === "ClusterIssuer");
  expect(made.component("orrery:data:BarmanPlugin", "barman-cloud").dependencies).toContain(issuer?.urn);
}, 60_000);
