export { readStackFile } from "./settings/file";
export { checkMirror } from "./settings/mirror";
export { priceSettings } from "./settings/order";
export { parseSettings, readSettings, settingsFromConfig, settingsKeys } from "./settings/parse";
export { type Problem, SettingsError } from "./settings/problem";
export type {
  ControlPlane,
  DedicatedMachine,
  DiskSelector,
  NodePool,
  Settings,
  SettingsInput,
  Taint,
} from "./settings/schema";
