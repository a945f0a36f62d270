import { priorities } from "../../../kit/priorities";
import type { RouteArgs } from "../../../kit/route";
import { containerSecurityContext } from "../../../kit/security";
import { type OidcClient, SIGN_IN_CALLBACK, type SignIn, signInRedirectUri } from "../../../kit/sign-in";
import type { TraceEndpoint } from "../../../kit/telemetry";
import type { DataPlaneSize } from "../data-plane";
import { routeKind } from "../gateway-api";
import { GATEWAY, GATEWAY_NAMESPACE } from "../names";
import { proxyResources } from "../sizes";

/** Labels that Envoy Gateway puts on the pods of a Gateway. */
export const PROXY_LABELS = {
  "gateway.envoyproxy.io/owning-gateway-name": GATEWAY,
  "gateway.envoyproxy.io/owning-gateway-namespace": GATEWAY_NAMESPACE,
};

/** Where the proxies say what goes through them: Envoy Gateway's own. */
export const PROXY_METRICS = { port: { name: "metrics", port: 19001 }, path: "/stats/prometheus" } as const;

/** Envoy runs as nobody, so it listens at 10080 for 80: ports below 1024 are moved up by this. */
const PRIVILEGED_PORT_SHIFT = 10_000;

export function envoyPodPort(port: number): number {
  return port < 1024 ? port + PRIVILEGED_PORT_SHIFT : port;
}

/** Spec of the EnvoyProxy: how the pods of the Gateway look. */
export function envoyProxySpec({ replicas, size }: Pick<DataPlaneSize, "replicas" | "size">, traces?: TraceEndpoint) {
  const { readOnlyRootFilesystem: _, ...restricted } = containerSecurityContext(false);
  return {
    provider: {
      type: "Kubernetes",
      kubernetes: {
        // The load balancer is a Service of ours.
        envoyService: { type: "ClusterIP" },
        envoyDeployment: {
          replicas,
          strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
          container: {
            resources: proxyResources(size),
            securityContext: { ...restricted, runAsUser: 65532, runAsGroup: 65532 },
          },
          pod: {
            priorityClassName: priorities.platform.name,
            securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
            labels: { "orrery.dev/metrics-port": PROXY_METRICS.port.name, "orrery.dev/domain": GATEWAY_NAMESPACE },
            annotations: { "orrery.dev/metrics-path": PROXY_METRICS.path },
            ...(replicas > 1 ? { topologySpreadConstraints: spread() } : {}),
          },
        },
        ...(replicas > 1 ? { envoyPDB: { maxUnavailable: 1 } } : {}),
      },
    },
    // A node's drain and a roll-out wait for requests under way.
    shutdown: { drainTimeout: "60s", minDrainDuration: "10s" },
    logging: { level: { default: "warn" } },
    ...(traces === undefined ? {} : { telemetry: { tracing: tracingSpec(traces) } }),
  };
}

/**
 * Every request begins a trace, or goes on with the one that it comes with; which ones are kept, the collector decides.
 * It is named by its host: a reference to its Service would have to be there first, and the proxies wait for nobody.
 */
export function tracingSpec({ receiver, service, attributes }: TraceEndpoint) {
  return {
    samplingRate: 100,
    provider: {
      type: "OpenTelemetry",
      host: receiver.host,
      port: receiver.grpcPort,
      serviceName: service,
      openTelemetry: { resourceAttributes: { ...attributes } },
    },
  };
}

function spread() {
  const even = { maxSkew: 1, nodeTaintsPolicy: "Honor", labelSelector: { matchLabels: PROXY_LABELS } };
  return [
    { topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "DoNotSchedule", ...even },
    { topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "ScheduleAnyway", ...even },
  ];
}

/** Spec of the ClientTrafficPolicy: how clients of all listeners are spoken with. */
export function clientTrafficSpec({ proxyProtocol }: Pick<DataPlaneSize, "proxyProtocol">) {
  return {
    targetRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: GATEWAY }],
    ...(proxyProtocol ? { proxyProtocol: { optional: false } } : {}),
    tls: { minVersion: "1.2" },
    // The balancer forgets a silent connection after its own idle time without a word to either side.
    tcpKeepalive: { idleTime: "60s", interval: "30s", probes: 3 },
    // Headers come at once from whoever means it; a body may take as long as it is large.
    timeout: { http: { requestHeadersReceivedTimeout: "10s", idleTimeout: "1h" } },
  };
}

type TargetFacts = Pick<RouteArgs, "protocol" | "host">;

function target(name: string, route: Pick<TargetFacts, "protocol">) {
  return { group: "gateway.networking.k8s.io", kind: routeKind(route), name };
}

/** Spec of the BackendTrafficPolicy of a route whose answers last: silence of an hour is allowed. */
export function streamSpec(name: string, route: Pick<TargetFacts, "protocol">) {
  return { targetRefs: [target(name, route)], timeout: { http: { requestTimeout: "0s", streamIdleTimeout: "1h" } } };
}

/** Cookie in which Envoy keeps who somebody is, and finds the groups. */
const ID_TOKEN_COOKIE = "orrery-id-token";
const PROVIDER = "identity";

/** Spec of the SecurityPolicy of a route with sign-in. */
export function securitySpec(name: string, route: TargetFacts, signIn: SignIn) {
  const targetRefs = [target(name, route)];
  if (signIn.kind === "basic") {
    return { targetRefs, basicAuth: { users: { name: signIn.secretName } } };
  }
  return {
    targetRefs,
    oidc: {
      ...oidcSpec(route.host, signIn.client),
      ...(signIn.passToken === true ? { forwardAccessToken: true } : {}),
    },
    ...(signIn.groups === undefined || signIn.groups.length === 0 ? {} : groupsSpec(signIn.client, signIn.groups)),
  };
}

/** The browser asks the provider from outside, Envoy from inside: no request leaves the cluster to come back. */
function oidcSpec(host: string, { issuer, clientId, secretName, endpoints }: OidcClient) {
  return {
    provider: {
      issuer,
      ...(endpoints && { authorizationEndpoint: endpoints.authorization, tokenEndpoint: endpoints.token }),
    },
    clientID: clientId,
    clientSecret: { group: "", kind: "Secret", name: secretName },
    redirectURL: signInRedirectUri(host),
    logoutPath: SIGN_IN_CALLBACK.replace("callback", "sign-out"),
    scopes: ["openid", "profile", "email"],
    refreshToken: true,
    cookieNames: { idToken: ID_TOKEN_COOKIE },
  };
}

/** Everybody who can sign in is known; members of the groups alone are let through. */
function groupsSpec({ issuer, clientId, endpoints }: OidcClient, groups: readonly string[]) {
  const claims = [{ name: "groups", valueType: "StringArray", values: [...groups] }];
  return {
    jwt: {
      providers: [
        {
          name: PROVIDER,
          issuer,
          audiences: [clientId],
          remoteJWKS: { uri: endpoints?.keys ?? "" },
          extractFrom: { cookies: [ID_TOKEN_COOKIE] },
        },
      ],
    },
    authorization: {
      defaultAction: "Deny",
      rules: [{ name: "members", action: "Allow", principal: { jwt: { provider: PROVIDER, claims } } }],
    },
  };
}
