export { Authentik } from "./authentik";
export { BasicAuth } from "./basic-auth";
export { Keycloak } from "./keycloak";
