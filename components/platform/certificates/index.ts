export type { AcmeArgs } from "./acme";
export { PlatformCertificates, type PlatformCertificatesArgs, TRUST_CONFIG_MAP } from "./certificates";
