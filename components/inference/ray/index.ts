export { Ray, type RayArgs } from "./ray";
