import type { V1Pod } from "@kubernetes/client-node";
import { definitionOf, shapes } from "../charts";
import type { Context } from "./runtime/context";
import { pods } from "./runtime/kinds";
import { runsImage } from "./runtime/presence";

/** Operators that register their definitions at run time, such as Cilium's: charts bring the others. */
export function startDefinitions(context: Context): void {
  const late = shapes.flatMap(({ chart, crds, crdsFrom }) =>
    "operator" in crdsFrom ? [{ chart, crds, image: crdsFrom.operator }] : [],
  );
  const done = new Set<string>();

  context
    .controller({
      name: "definitions",
      keys: () => late.map(({ chart }) => chart),
      reconcile: async (chart) => {
        const { crds, image } = late.find((candidate) => candidate.chart === chart)!;
        if (context.workload(image).length === 0) {
          done.delete(chart);
          return undefined;
        }
        if (done.has(chart)) return undefined;
        for (const crd of crds) await context.cluster.create(definitionOf(crd, context.crdsDir));
        done.add(chart);
        context.standsInFor(`${chart}: custom resource definitions`);
        return undefined;
      },
    })
    .watch(context.store<V1Pod>(pods), (pod) =>
      late.filter(({ image }) => runsImage(pod, image)).map(({ chart }) => chart),
    );
}
