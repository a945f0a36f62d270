import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { type ChartPin, charts } from "../../../components/kit/charts";
import { type ImagePin, images } from "../../../components/kit/images";
import { repository } from "../../../sandbox/paths";
import { VersionSettings } from "../../../stacks/settings/schema/talos";

interface CustomManager {
  customType: string;
  managerFilePatterns: string[];
  matchStrings: string[];
  datasourceTemplate?: string;
  depNameTemplate?: string;
}

interface Dependency {
  datasource?: string;
  depName?: string;
  registryUrl?: string;
  currentValue?: string;
  currentDigest?: string;
}

const text = (file: string) => readFileSync(path.join(repository, file), "utf8");
const config = JSON.parse(text(".github/renovate.json")) as { customManagers: CustomManager[] };

/** What Renovate's regex manager would find in a file. */
function found(file: string): Dependency[] {
  const managers = config.customManagers.filter(({ managerFilePatterns }) => managerFilePatterns.includes(file));
  return managers.flatMap(({ customType, matchStrings, datasourceTemplate, depNameTemplate }) => {
    expect(customType).toBe("regex");
    return matchStrings.flatMap((match) =>
      [...text(file).matchAll(new RegExp(match, "g"))].map(({ groups }) => ({
        datasource: datasourceTemplate,
        depName: depNameTemplate,
        ...groups,
      })),
    );
  });
}

function expectedChart({ name, repository: from, version }: ChartPin): Dependency {
  return from.startsWith("oci://")
    ? { datasource: "docker", depName: `${from.slice("oci://".length)}/${name}`, currentValue: version }
    : { datasource: "helm", depName: name, registryUrl: from, currentValue: version };
}

/** docker.io is where Renovate looks without a registry. */
const shortName = (name = "") => name.replace(/^docker\.io\//, "").replace(/^library\//, "");

describe("Renovate", () => {
  it("finds every chart of the table, and nothing else", () => {
    const wanted: ChartPin[] = Object.values(charts);
    expect(found("components/kit/charts.ts")).toEqual(wanted.map((pin) => expect.objectContaining(expectedChart(pin))));
  });

  it("finds every image of the table, and nothing else", () => {
    const wanted: ImagePin[] = Object.values(images);
    const dependencies = found("components/kit/images.ts");
    expect(dependencies.map(({ datasource }) => datasource)).toEqual(wanted.map(() => "docker"));
    expect(
      dependencies.map(({ depName, currentValue, currentDigest }) => [shortName(depName), currentValue, currentDigest]),
    ).toEqual(wanted.map(({ name, tag, digest }) => [shortName(name), tag, digest]));
  });

  it("takes an image's digest along where it is known", () => {
    const manager = config.customManagers.find(({ managerFilePatterns }) =>
      managerFilePatterns.includes("components/kit/images.ts"),
    );
    const digest = `sha256:${"0".repeat(64)}`;
    const pinned = `// renovate: datasource=docker depName=acme/tool\n    tag: "1.0.0",\n    digest: "${digest}",`;
    const groups = new RegExp(manager!.matchStrings[0]!).exec(pinned)?.groups;
    expect(groups).toMatchObject({ depName: "acme/tool", currentValue: "1.0.0", currentDigest: digest });
  });

  it("finds the default versions of Talos and Kubernetes", () => {
    const defaults = VersionSettings.parse({});
    expect(found("stacks/settings/schema/talos.ts")).toEqual([
      { datasource: "github-releases", depName: "siderolabs/talos", currentValue: defaults.talos },
      { datasource: "github-releases", depName: "kubernetes/kubernetes", currentValue: defaults.kubernetes },
    ]);
  });

  it.each(["package.json", "policy/package.json"])("has exact versions to change in %s", (file) => {
    const { dependencies, devDependencies } = JSON.parse(text(file)) as Record<string, Record<string, string>>;
    const versions = Object.entries({ ...dependencies, ...devDependencies });
    expect(versions.filter(([, version]) => !/^(npm:@?[\w./-]+@)?\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });
});
