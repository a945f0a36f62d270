import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type Identity, metadata } from "../../../kit/labels";
import type { TlsBackend } from "../data-plane";
import { GATEWAY, tlsName } from "../names";
import { type IngressFacts, ingressSpec } from "./ingress";

export interface IngressPlace {
  /** Name in the cluster. */
  readonly name: string;
  readonly namespace: string;
  readonly annotations?: Record<string, string>;
}

/** Creates an Ingress; it is there when the controller has written the load balancer's addresses into it. */
export function createIngress(
  name: string,
  owner: Identity,
  place: IngressPlace,
  facts: IngressFacts,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  return new k8s.networking.v1.Ingress(name, { metadata: metadata(owner, place), spec: ingressSpec(facts) }, opts);
}

/** The authority behind a backend's certificate, in a Secret beside it: ingress-nginx reads it from nowhere else. */
export function createAuthority(
  { identity, namespace, service, tls }: TlsBackend,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const name = tlsName(service, tls.portName);
  if (tls.caPem === undefined) {
    throw new Error(
      `Backend "${service}": ingress-nginx reads the authority from a Secret of its own: give \`caPem\` beside \`caConfigMap\`.`,
    );
  }
  return new k8s.core.v1.Secret(
    `${GATEWAY}-${namespace.name}-${name}`,
    {
      metadata: metadata(identity, { name, namespace: namespace.name }),
      type: "Opaque",
      stringData: { "ca.crt": tls.caPem },
    },
    opts,
  );
}
