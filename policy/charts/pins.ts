/** A chart as a table pins it: by the comment that Renovate reads, and the version below it. */
export interface Pin {
  chart: string;
  version: string;
}

/** Charts of registries are images to Renovate; those of the table of images have a tag below, not a version. */
const LINE = /\/\/ renovate: datasource=(?:helm|docker) depName=(\S+)[^\n]*\n\s*version: "([^"]+)"/g;

export function pinsOf(table: string): Pin[] {
  return [...table.matchAll(LINE)].map(([, name = "", version = ""]) => ({ chart: lastPart(name), version }));
}

const lastPart = (reference: string) => reference.split("/").at(-1) ?? reference;

/** The version that the table pins for a Release's chart: by name, or by the last part of an `oci://` reference. */
export function pinnedVersion(pins: readonly Pin[], chart: string): string | undefined {
  return pins.find((pin) => pin.chart === lastPart(chart))?.version;
}
