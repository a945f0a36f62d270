export { ExternalSecrets } from "./external-secrets";
export { OnePasswordConnect } from "./onepassword";
export { StoreSecrets } from "./store-secrets";
export { ValueSecrets } from "./value-secrets";
export { Vault } from "./vault";
