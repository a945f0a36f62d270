export { Platform, type PlatformArgs } from "./platform";
export { durableClass, type StorageClasses } from "./storage";
