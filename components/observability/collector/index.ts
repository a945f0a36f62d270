export { COLLECTOR, TRACES_LABEL } from "./address";
export { Collector, type CollectorArgs } from "./collector";
