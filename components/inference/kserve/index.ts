export { KServe, type KServeArgs } from "./operator";
export { KServeServer, type KServeServerArgs } from "./server";
