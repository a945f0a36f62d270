import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";
import {
  type Domain,
  type DomainDefinition,
  domains,
  hasMemoryLimits,
  keepsData,
  type PodSecurityLevel,
  quotaFor,
} from "./domains";
import { exceptionAnnotations, type Identity, metadata } from "./labels";
import type { Environment } from "./sizes";
import { Telemetry } from "./telemetry";

/** A namespace to depend on, and its name. */
export interface NamespaceHandle extends pulumi.Resource {
  readonly name: string;
}

/** A namespace that is there without the program, such as kube-system: nothing is made, and nothing in it is denied. */
export class ExistingNamespace extends Component implements NamespaceHandle {
  constructor(
    readonly name: string,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("orrery:kit:ExistingNamespace", name, opts);
    this.registerOutputs({ name });
  }
}

export interface DomainNamespaceArgs {
  readonly domain: Domain;
  readonly environment: Environment;
  /** Where what runs in it says what it serves. @default - nobody listens */
  readonly telemetry?: Telemetry;
}

/**
 * The namespace of a domain with what every namespace has: Pod Security labels, a quota, default requests and limits,
 * deny-all both ways and DNS. Whatever runs in it depends on all of it, so that no pod ever starts before the rules.
 * Where data is kept, the namespace stays when the last service in it is switched off: its claims would go with it.
 */
export class DomainNamespace extends Component {
  /** The namespace's name in the cluster; the domain's. */
  readonly name: Domain;
  readonly environment: Environment;
  readonly telemetry: Telemetry;

  constructor(name: string, args: DomainNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:kit:Namespace", name, opts);
    this.name = args.domain;
    this.environment = args.environment;
    this.telemetry = args.telemetry ?? new Telemetry();
    const definition: DomainDefinition = domains[args.domain];
    const kept = keepsData(args.domain);
    const identity = namespaceIdentity(args.domain);

    const namespace = new k8s.core.v1.Namespace(
      name,
      {
        metadata: metadata(identity, {
          name: args.domain,
          labels: podSecurityLabels(definition.level),
          annotations: {
            "orrery.dev/purpose": definition.purpose,
            ...exceptionAnnotations(definition.exception === undefined ? [] : [definition.exception]),
            ...(kept ? { "pulumi.com/patchForce": "true" } : {}),
          },
        }),
      },
      // It is taken over when a service comes back: who wrote it before is not there any more.
      this.child({ retainOnDelete: kept }),
    );
    const child = this.child({ dependsOn: [namespace] });
    createLimits(name, args, identity, child);
    createNetworkPolicies(name, args.domain, identity, child);

    this.registerOutputs({ name: this.name });
  }
}

export interface NamespacesArgs {
  readonly environment: Environment;
  /** What runs in the namespaces says here what it serves. @default - nobody listens */
  readonly telemetry?: Telemetry;
  /** Those that were made before there could be this. @default - none */
  readonly existing?: readonly DomainNamespace[];
}

/** Domain namespaces, each made once, when the first service asks for it. */
export class Namespaces {
  readonly telemetry: Telemetry;
  private readonly made = new Map<Domain, DomainNamespace>();

  constructor(
    private readonly args: NamespacesArgs,
    private readonly opts: pulumi.ComponentResourceOptions,
  ) {
    this.telemetry = args.telemetry ?? new Telemetry();
    for (const namespace of args.existing ?? []) this.made.set(namespace.name, namespace);
  }

  /** Whether anybody has asked for it. */
  has(domain: Domain): boolean {
    return this.made.has(domain);
  }

  get(domain: Domain): DomainNamespace {
    const existing = this.made.get(domain);
    if (existing !== undefined) {
      return existing;
    }
    const { environment } = this.args;
    const namespace = new DomainNamespace(domain, { domain, environment, telemetry: this.telemetry }, this.opts);
    this.made.set(domain, namespace);
    return namespace;
  }
}

function namespaceIdentity(domain: Domain): Identity {
  return { name: "namespace", instance: domain, component: "namespace", domain };
}

/** Enforced at the domain's level; audited at restricted always, so that what a lower level lets through is still seen. */
function podSecurityLabels(level: PodSecurityLevel): Record<string, string> {
  return {
    "pod-security.kubernetes.io/enforce": level,
    "pod-security.kubernetes.io/enforce-version": "latest",
    "pod-security.kubernetes.io/audit": "restricted",
    "pod-security.kubernetes.io/warn": level === "privileged" ? "privileged" : "restricted",
  };
}

function createLimits(
  name: string,
  args: DomainNamespaceArgs,
  identity: Identity,
  opts: pulumi.CustomResourceOptions,
): void {
  new k8s.core.v1.ResourceQuota(
    `${name}-quota`,
    {
      metadata: metadata(identity, { name: "quota", namespace: args.domain }),
      spec: { hard: quotaFor(domains[args.domain].quota, args.environment) },
    },
    opts,
  );
  new k8s.core.v1.LimitRange(
    `${name}-defaults`,
    {
      metadata: metadata(identity, { name: "defaults", namespace: args.domain }),
      spec: {
        limits: [
          {
            type: "Container",
            // For containers that others put into our pods (jobs of an operator): ours always say what they need.
            defaultRequest: { cpu: "50m", memory: "128Mi" },
            ...(hasMemoryLimits(domains[args.domain].quota) ? { default: { memory: "256Mi" } } : {}),
          },
        ],
      },
    },
    opts,
  );
}

function createNetworkPolicies(
  name: string,
  domain: Domain,
  identity: Identity,
  opts: pulumi.CustomResourceOptions,
): void {
  new k8s.networking.v1.NetworkPolicy(
    `${name}-default-deny`,
    {
      metadata: metadata(identity, { name: "default-deny", namespace: domain }),
      spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
    },
    opts,
  );
  new k8s.networking.v1.NetworkPolicy(
    `${name}-allow-dns`,
    {
      metadata: metadata(identity, { name: "allow-dns", namespace: domain }),
      spec: {
        podSelector: {},
        policyTypes: ["Egress"],
        egress: [
          {
            to: [
              {
                namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
                podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
              },
            ],
            ports: [
              { port: 53, protocol: "UDP" },
              { port: 53, protocol: "TCP" },
            ],
          },
        ],
      },
    },
    opts,
  );
}
