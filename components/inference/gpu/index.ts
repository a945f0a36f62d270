export { AmdDevicePlugin } from "./amd";
export { GpuFeatures } from "./features";
export { IntelDevicePlugin } from "./intel";
export { machinesOf } from "./node";
export { NvidiaDevicePlugin } from "./nvidia";
export type { GpuSupply } from "./types";
