import type { Backend, RouteArgs } from "../../../kit/route";
import type { SignIn } from "../../../kit/sign-in";
import { SIGN_IN_CALLBACK } from "../../../kit/sign-in";
import { tlsName } from "../names";
import { INGRESS_CLASS } from "./values";

/** What an Ingress is made from: the same for routes and sign-in pages. */
export interface IngressFacts {
  readonly host: string;
  /** Prefix of the paths. */
  readonly path: string;
  readonly service: string;
  readonly port: number;
}

/**
 * Spec of an Ingress. It finds Secrets in its own namespace alone, and the certificate is the gateway's: without a name,
 * nginx shows the one that the controller was given for all hosts.
 */
export function ingressSpec({ host, path, service, port }: IngressFacts) {
  const backend = { service: { name: service, port: { number: port } } };
  return {
    ingressClassName: INGRESS_CLASS,
    tls: [{ hosts: [host] }],
    rules: [{ host, http: { paths: [{ path, pathType: "Prefix", backend }] } }],
  };
}

/** Where oauth2-proxy answers: nginx asks it about each request, and browsers come to it to sign in. */
export interface SignInPages {
  /** DNS name inside the cluster. */
  readonly host: string;
  readonly port: number;
}

/** Path below which oauth2-proxy answers on the route's own host. */
export const SIGN_IN_PATH = SIGN_IN_CALLBACK.replace("/callback", "");

const PREFIX = "nginx.ingress.kubernetes.io/";

/** Seconds of silence that streams may have. */
const STREAM_SECONDS = 3600;

/** What is wished of a route beside its host and path. */
export type RouteWishes = Pick<RouteArgs, "protocol" | "timeoutSeconds" | "signIn"> & { readonly backend?: Backend };

/** How nginx treats the requests of a route. */
export function routeAnnotations(
  { backend, protocol, timeoutSeconds = 60, signIn }: RouteWishes,
  pages?: SignInPages,
): Record<string, string> {
  // nginx knows no longest time for a whole answer, only one between two pieces of it.
  const silence = String(timeoutSeconds === 0 ? STREAM_SECONDS : timeoutSeconds);
  return prefixed({
    ...(protocol === "h2c" ? { "backend-protocol": "GRPC" } : {}),
    "proxy-read-timeout": silence,
    "proxy-send-timeout": silence,
    ...tlsAnnotations(backend, protocol),
    ...(timeoutSeconds === 0 ? { "proxy-buffering": "off", "proxy-request-buffering": "off" } : {}),
    ...(signIn === undefined ? {} : signInAnnotations(signIn, pages)),
  });
}

/** nginx checks a backend's certificate only when it is told to, and takes a Secret with `ca.crt` alone. */
function tlsAnnotations(backend: Backend | undefined, protocol: RouteArgs["protocol"]): Record<string, string> {
  if (backend?.tls === undefined) return {};
  const { namespace, service, tls } = backend;
  if (protocol === "h2c") {
    throw new Error(`Backend "${service}": ingress-nginx does not check the certificates of gRPC backends.`);
  }
  return {
    "backend-protocol": "HTTPS",
    "proxy-ssl-secret": `${namespace.name}/${tlsName(service, tls.portName)}`,
    "proxy-ssl-verify": "on",
    "proxy-ssl-name": tls.hostname,
    "proxy-ssl-server-name": "on",
    "proxy-ssl-protocols": "TLSv1.2 TLSv1.3",
  };
}

function signInAnnotations(signIn: SignIn, pages: SignInPages | undefined): Record<string, string> {
  if (signIn.kind === "basic") {
    return { "auth-type": "basic", "auth-secret": signIn.secretName, "auth-secret-type": "auth-file" };
  }
  if (pages === undefined) {
    throw new Error("Sign-in over OIDC needs the pages of oauth2-proxy.");
  }
  return {
    "auth-url": `http://${pages.host}.cluster.local:${pages.port}${SIGN_IN_PATH}/auth`,
    "auth-signin": `https://$host${SIGN_IN_PATH}/start?rd=$escaped_request_uri`,
    "auth-response-headers": [
      "X-Auth-Request-User,X-Auth-Request-Email,X-Auth-Request-Groups",
      ...(signIn.passToken === true ? ["Authorization"] : []),
    ].join(","),
  };
}

function prefixed(annotations: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`${PREFIX}${key}`, value]));
}

/** Value of a port in the ConfigMap of TCP services. */
export function tcpService(
  { namespace, service, port }: { readonly namespace: string; readonly service: string; readonly port: number },
  proxyProtocol: boolean,
): string {
  return `${namespace}/${service}:${port}${proxyProtocol ? ":PROXY" : ""}`;
}
