export { definitionOf } from "./crds";
export { recordLink } from "./links";
export { ChartError, resolveChart } from "./resolve";
export { shapeOf, shapes } from "./shapes";
export { type ChartSources, chartSources } from "./sources";
export type { ChartRequest, ResolvedChart } from "./types";
export { writeStandInChart } from "./write";
