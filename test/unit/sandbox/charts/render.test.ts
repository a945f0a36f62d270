import { expect, it } from "vitest";
import { renderChart } from "../../../../sandbox/charts/render";
import type { ChartShape } from "../../../../sandbox/charts/shape";
import { cloudNativePg } from "../../../../sandbox/charts/shapes/cloudnative-pg";

const definitions = (crdsFrom: ChartShape["crdsFrom"]) =>
  Object.entries(renderChart({ ...cloudNativePg, crdsFrom }, "0.29.0")).filter(([, text]) =>
    text.includes("CustomResourceDefinition"),
  );

it("puts definitions where the chart has them", () => {
  const inFolder = definitions({ folder: true });
  expect(inFolder).toHaveLength(cloudNativePg.crds.length);
  for (const [path, text] of inFolder) {
    const { metadata } = JSON.parse(text) as { metadata: { name: string } };
    expect(path).toBe(`crds/${metadata.name}.yaml`);
  }
  const inTemplates = definitions({ templates: ".Values.crds.create" });
  expect(inTemplates.map(([path]) => path.split("/").slice(0, 2).join("/"))).toEqual(
    cloudNativePg.crds.map(() => "templates/crds"),
  );
  expect(definitions({ operator: /cloudnative-pg/ })).toEqual([]);
});
