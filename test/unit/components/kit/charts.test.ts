import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { locateChart } from "../../../../components/kit/chart";
import { type ChartPin, charts } from "../../../../components/kit/charts";
import { imageReference, images, imageVersion } from "../../../../components/kit/images";
import { shared } from "../shared";

const pins: readonly ChartPin[] = Object.values(charts);
const pin: ChartPin = { name: "thing", repository: "https://charts.example.org/", version: "1.2.3", appVersion: "9" };

/** The index gives an OCI chart with its name, and may give two places or add a remark. */
function placesOf(text: string, chart: string): string[] {
  return text
    .split(/ or | \(/)
    .map((place) => place.replace(/\/$/, "").replace(new RegExp(`(?<=^oci:.*)/${chart}$`), ""));
}

describe("locateChart", () => {
  it.each([
    [
      "its repository",
      undefined,
      { chart: "thing", version: "1.2.3", repositoryOpts: { repo: "https://charts.example.org" } },
    ],
    [
      "an HTTP mirror",
      "http://mirror.test/charts/",
      { chart: "thing", version: "1.2.3", repositoryOpts: { repo: "http://mirror.test/charts" } },
    ],
    ["an OCI mirror", "oci://mirror.test/charts", { chart: "oci://mirror.test/charts/thing", version: "1.2.3" }],
    ["a directory", "/srv/charts/", { chart: "/srv/charts/thing-1.2.3.tgz" }],
    ["a file URL", "file:///srv/charts", { chart: "/srv/charts/thing-1.2.3.tgz" }],
    ["a relative directory", "./charts", { chart: "./charts/thing-1.2.3.tgz" }],
  ])("takes a chart from %s", (_, mirror, expected) => {
    expect(locateChart(pin, { mirror })).toEqual(expected);
  });

  it("takes a chart from its own OCI repository", () => {
    expect(locateChart({ ...pin, repository: "oci://registry.test/org" }, {})).toEqual({
      chart: "oci://registry.test/org/thing",
      version: "1.2.3",
    });
  });
});

describe("the table of charts", () => {
  const source = readFileSync(join(process.cwd(), "components/kit/charts.ts"), "utf8");

  it.each(pins)("$name has the line that Renovate reads, right above its version", ({ name, repository, version }) => {
    const where = repository.startsWith("oci://")
      ? `datasource=docker depName=${repository.slice("oci://".length)}/${name}`
      : `datasource=helm depName=${name} registryUrl=${repository}`;
    expect(source).toContain(`// renovate: ${where}\n    version: "${version}",`);
  });

  const index = shared("charts/index.tsv", "chart versions against the index of charts");
  // Of KEDA there is no record: its version is that of its module on the Go proxy, as the chart's is the software's.
  const recorded = pins.filter(({ name }) => name !== "keda");
  it.skipIf(index === undefined).each(recorded)("$name $version exists, with that appVersion", (chart) => {
    const rows = readFileSync(index!, "utf8")
      .split("\n")
      .map((line) => line.split("\t"));
    const row = rows.find(([, name, , version]) => name === chart.name && version === chart.version);
    expect(placesOf(row?.[2] ?? "", chart.name)).toContain(chart.repository);
    // The index leaves appVersion empty where the chart's version is the software's.
    expect(row?.[4] === "" ? chart.version : row?.[4]).toBe(chart.appVersion);
  });
});

describe("the table of images", () => {
  const source = readFileSync(join(process.cwd(), "components/kit/images.ts"), "utf8");

  it.each(Object.entries(images))("%s has a registry, a version and the line that Renovate reads", (_, image) => {
    expect(image.name).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)+\//);
    // Some have their flavour before it: `server-cuda-v0.7.0`.
    expect(image.tag).toMatch(/^(([a-z0-9]+-)*v?\d+\.\d+|RELEASE\.\d{4}-\d{2}-\d{2})/);
    const short = image.name.replace(/^docker\.io\/(library\/)?/, "");
    expect(source).toMatch(
      new RegExp(`// renovate: datasource=docker depName=${short} versioning=\\S+\\n    tag: "${image.tag}"`),
    );
  });

  it("refers to a digest where there is one", () => {
    const digest = `sha256:${"0".repeat(64)}`;
    expect(imageReference({ name: "r.test/a", tag: "1.0" })).toBe("r.test/a:1.0");
    expect(imageReference({ name: "r.test/a", tag: "1.0", digest })).toBe(`r.test/a:1.0@${digest}`);
  });

  it.each([
    ["v1.19.0-unprivileged", "1.19.0"],
    ["18.4-standard-trixie", "18.4"],
    ["1.37.0", "1.37.0"],
  ])("reads the version of the tag %s as %s", (tag, version) => {
    expect(imageVersion({ name: "x", tag })).toBe(version);
  });
});
