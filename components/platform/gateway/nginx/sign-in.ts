import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../../base";
import { generatedSecret } from "../../../kit/generated-secret";
import { imageReference, images, imageVersion } from "../../../kit/images";
import type { PodIdentity } from "../../../kit/labels";
import { DomainNamespace, type NamespaceHandle } from "../../../kit/namespace";
import { openPath } from "../../../kit/network-policy";
import { after } from "../../../kit/options";
import type { Variable } from "../../../kit/pod";
import type { Backend } from "../../../kit/route";
import { Service, type ServiceArgs, serviceIdentity } from "../../../kit/service";
import { type SignIn, signInRedirectUri } from "../../../kit/sign-in";
import { resources } from "../../../kit/sizes";
import { GATEWAY } from "../names";
import type { SignInPages } from "./ingress";

export type OidcSignIn = Extract<SignIn, { readonly kind: "oidc" }>;

const PORT = 4180;
const METRICS_PORT = 44180;
const CLIENT_PATH = "/etc/oauth2-proxy/client";
const COOKIE_PATH = "/etc/oauth2-proxy/cookie";
/** Length of an AES-256 key. */
const COOKIE_SECRET_LENGTH = 32;

export interface NginxSignInArgs {
  /** Full DNS name of the route. */
  readonly host: string;
  readonly signIn: OidcSignIn;
  /** Behind the route; oauth2-proxy runs in its namespace, where the client's Secret is. */
  readonly backend: Backend;
  /** The pods that ask. */
  readonly gateway: PodIdentity;
}

/** Signs people in for one route: nginx asks this oauth2-proxy about each request, and sends browsers to it. */
export class NginxSignIn extends Component implements SignInPages {
  readonly host: string;
  readonly port = PORT;
  /** Name of the Service, in the backend's namespace. */
  readonly service: string;

  constructor(name: string, args: NginxSignInArgs, opts?: pulumi.ComponentResourceOptions) {
    const { client } = args.signIn;
    super("orrery:platform:NginxSignIn", name, after(opts, client.ready));
    const namespace = madeByUs(name, args.backend.namespace);
    const about = { software: "oauth2-proxy", component: "sign-in", version: imageVersion(images.oauth2Proxy) };
    const owner = serviceIdentity(name, { ...about, namespace });
    const cookie = generatedSecret(
      `${name}-cookie`,
      { owner, namespace: namespace.name, keys: ["cookie-secret"], length: COOKIE_SECRET_LENGTH },
      this.child(),
    );
    const service = new Service(
      name,
      { ...about, namespace, ...signInPods({ ...args, cookieSecret: cookie.secretName }) },
      this.child({ dependsOn: [cookie.ready] }),
    );
    this.host = service.host;
    this.service = name;
    this.openPaths(name, args, service);

    this.registerOutputs({ host: this.host });
  }

  private openPaths(name: string, { gateway, signIn: { client } }: NginxSignInArgs, service: Service): void {
    const { pods, identity: owner } = service;
    const asked = { from: gateway, to: pods, ports: [{ name: "http", port: PORT }], owner };
    openPath(`${GATEWAY}-${name}`, asked, this.child());
    // The provider is asked inside the cluster: a route without endpoints has been refused.
    if (client.endpoints !== undefined) {
      const ports = [{ name: "oidc", port: portOf(client.endpoints.token) }];
      openPath(`${name}-provider`, { from: pods, to: client.provider, ports, owner }, this.child());
    }
  }
}

function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  return Number(port || (protocol === "https:" ? 443 : 80));
}

/** A settings rule has refused what leads here: kube-system has nobody else's pods. */
function madeByUs(name: string, namespace: NamespaceHandle): DomainNamespace {
  if (namespace instanceof DomainNamespace) return namespace;
  throw new Error(
    `Route "${name}": with ingress-nginx, sign-in needs a pod beside the backend, and ${namespace.name} is not a namespace of this program.`,
  );
}

/** What oauth2-proxy is told, and how its pods look. */
export function signInPods({
  host,
  signIn,
  cookieSecret,
}: Pick<NginxSignInArgs, "host" | "signIn"> & { readonly cookieSecret: string }): Omit<
  ServiceArgs,
  "software" | "component" | "version" | "namespace"
> {
  return {
    image: imageReference(images.oauth2Proxy),
    ports: [
      { name: "http", port: PORT },
      { name: "metrics", port: METRICS_PORT },
    ],
    metrics: { port: "metrics" },
    environment: prefixed({ ...proxyOptions(host), ...providerOptions(signIn) }),
    volumes: {
      secrets: [
        { name: "client", path: CLIENT_PATH, secret: signIn.client.secretName },
        { name: "cookie", path: COOKIE_PATH, secret: cookieSecret },
      ],
    },
    resources: resources(20, 64, 128),
    probes: { ready: { http: "/ready", port: "http" }, live: { http: "/ping", port: "http" }, startupSeconds: 120 },
  };
}

function proxyOptions(host: string): Record<string, string> {
  return {
    HTTP_ADDRESS: `0.0.0.0:${PORT}`,
    METRICS_ADDRESS: `0.0.0.0:${METRICS_PORT}`,
    // nginx is in front, and passes the request on itself once it knows that it may.
    REVERSE_PROXY: "true",
    UPSTREAMS: "static://202",
    SET_XAUTHREQUEST: "true",
    SKIP_PROVIDER_BUTTON: "true",
    REDIRECT_URL: signInRedirectUri(host),
    WHITELIST_DOMAINS: host,
    COOKIE_NAME: "__Host-oauth2-proxy",
    COOKIE_SECURE: "true",
    COOKIE_SAMESITE: "lax",
    COOKIE_SECRET_FILE: `${COOKIE_PATH}/cookie-secret`,
  };
}

function providerOptions({ client, groups = [], passToken = false }: OidcSignIn): Record<string, string> {
  const { issuer, clientId, endpoints } = client;
  return {
    PROVIDER: "oidc",
    OIDC_ISSUER_URL: issuer,
    CLIENT_ID: clientId,
    CLIENT_SECRET_FILE: `${CLIENT_PATH}/client-secret`,
    SCOPE: "openid profile email",
    CODE_CHALLENGE_METHOD: "S256",
    // Who may sign in is for the identity provider to say.
    EMAIL_DOMAINS: "*",
    INSECURE_OIDC_ALLOW_UNVERIFIED_EMAIL: "true",
    ...(groups.length === 0 ? {} : { ALLOWED_GROUPS: groups.join(",") }),
    ...(passToken ? { SET_AUTHORIZATION_HEADER: "true" } : {}),
    ...(endpoints === undefined
      ? {}
      : {
          SKIP_OIDC_DISCOVERY: "true",
          LOGIN_URL: endpoints.authorization,
          REDEEM_URL: endpoints.token,
          OIDC_JWKS_URL: endpoints.keys,
        }),
  };
}

function prefixed(options: Record<string, string>): Record<string, Variable> {
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [`OAUTH2_PROXY_${key}`, value]));
}
