export type { DataPlane } from "./data-plane";
export { EnvoyDataPlane } from "./envoy/data-plane";
export { PublicGateway, type PublicGatewayArgs } from "./gateway";
export { IstioDataPlane } from "./istio/data-plane";
export { type CertificateMode, covers } from "./listeners";
export { GATEWAY, GATEWAY_NAMESPACE } from "./names";
export { NginxDataPlane } from "./nginx/data-plane";
