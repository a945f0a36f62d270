export { Volcano, type VolcanoArgs } from "./volcano";
