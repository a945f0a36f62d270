export { configBoolean, configNumber, configObject, configString } from "./config";
export { changed, changedKeys, type DiffRules, diffInputs, pathOf, rootOf } from "./diff";
export { abortError, PartialFailure, sleep } from "./errors";
export type * from "./handler";
export { type ServedProvider, serveProvider } from "./server";
export {
  containsSecret,
  containsUnknown,
  isMap,
  markSecret,
  mirrorSecrets,
  type PropertyMap,
  type PropertyValue,
  Secret,
  sameValue,
  secret,
  UNKNOWN,
  Unknown,
  unwrapSecrets,
} from "./values";
