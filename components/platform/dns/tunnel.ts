import type * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { Component } from "../../base";
import { imageReference, images, imageVersion } from "../../kit/images";
import { type Identity, podIdentity } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";
import { type NetworkPort, openWorld } from "../../kit/network-policy";
import { after } from "../../kit/options";
import { Paths } from "../../kit/paths";
import { priorities } from "../../kit/priorities";
import type { SecretSource } from "../../kit/secret-source";
import { Service, type ServiceName, serviceIdentity } from "../../kit/service";
import { resources } from "../../kit/sizes";

const NAME = "cloudflared";
const TOKEN_KEY = "token";
const METRICS_PORT = 2000;
const CONFIG_DIRECTORY = "/etc/cloudflared";
const TRUST_DIRECTORY = "/etc/ssl/internal";

/** Cloudflare's edge, over QUIC or HTTP/2, and the gateway's load balancer: to the cluster both are outside. */
const TUNNEL_PORTS: readonly NetworkPort[] = [
  { name: "tunnel", port: 7844 },
  { name: "tunnel-quic", port: 7844, protocol: "UDP" },
  { name: "https", port: 443 },
];

export interface CloudflareTunnelArgs {
  readonly namespace: DomainNamespace;
  readonly secrets: SecretSource;
  /** Private address of the gateway's load balancer. */
  readonly gatewayAddress: string;
  /** ConfigMap with the authority that signs the gateway's certificate. @default - a public one does */
  readonly trust?: { readonly configMap: string; readonly ready: pulumi.Resource };
}

/**
 * A Cloudflare tunnel: cloudflared calls Cloudflare, and what comes through the tunnel goes to the gateway's load
 * balancer as if it had come there itself. So routes, certificates and sign-in hold for it too.
 */
export class CloudflareTunnel extends Component {
  constructor(args: CloudflareTunnelArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:platform:CloudflareTunnel", NAME, after(opts, args.namespace));
    const { namespace, trust } = args;
    const about: ServiceName = {
      software: NAME,
      component: "tunnel",
      version: imageVersion(images.cloudflared),
      namespace,
    };
    const owner = serviceIdentity(NAME, about);

    const token = args.secrets.secret(
      `${NAME}-token`,
      { secretName: `${NAME}-token`, namespace: namespace.name, owner, keys: { [TOKEN_KEY]: "cloudflared-token" } },
      this.child(),
    );
    const paths = this.openPaths(owner, namespace.name);
    new Service(
      NAME,
      {
        ...about,
        image: imageReference(images.cloudflared),
        args: ["tunnel", "--no-autoupdate", "--config", `${CONFIG_DIRECTORY}/config.yaml`, "run"],
        replicas: namespace.environment === "prod" ? 2 : 1,
        ports: [{ name: "metrics", port: METRICS_PORT }],
        environment: { TUNNEL_TOKEN: { secret: token.secretName, key: TOKEN_KEY } },
        volumes: {
          config: {
            path: CONFIG_DIRECTORY,
            files: { "config.yaml": stringify(tunnelConfig(args.gatewayAddress, trust !== undefined)) },
          },
          ...(trust === undefined
            ? {}
            : { configMaps: [{ name: "trust", path: TRUST_DIRECTORY, configMap: trust.configMap }] }),
        },
        resources: resources(50, 64, 256),
        probes: {
          ready: { http: "/ready", port: "metrics" },
          // A tunnel that is down is not mended by a restart.
          live: { http: "/healthcheck", port: "metrics" },
        },
        metrics: { port: "metrics" },
        priorityClass: priorities.platform.name,
        // Requests that are under way when a pod goes are finished first.
        terminationGraceSeconds: 45,
      },
      this.child({ dependsOn: [paths, token.ready, ...(trust === undefined ? [] : [trust.ready])] }),
    );

    this.registerOutputs({});
  }

  private openPaths(owner: Identity, namespace: string): Paths {
    return new Paths(
      `${NAME}-paths`,
      (child) =>
        openWorld(`${NAME}-world`, { pods: podIdentity(owner, namespace), owner, egress: TUNNEL_PORTS }, child),
      this.child(),
    );
  }
}

/** Configuration of cloudflared: everything to the gateway, which knows the names. */
export function tunnelConfig(gatewayAddress: string, internalAuthority: boolean) {
  return {
    metrics: `0.0.0.0:${METRICS_PORT}`,
    "grace-period": "30s",
    ingress: [
      {
        service: `https://${gatewayAddress}:443`,
        originRequest: {
          // The gateway chooses the certificate and the route by name.
          matchSNItoHost: true,
          http2Origin: true,
          ...(internalAuthority ? { caPool: `${TRUST_DIRECTORY}/ca.crt` } : {}),
        },
      },
    ],
  };
}
