export { definitionOf } from "./crds";
export { ChartError, resolveChart } from "./resolve";
export { shapeOf, shapes } from "./shapes";
export type { ChartRequest, ResolvedChart } from "./types";
export { writeStandInChart } from "./write";
