import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";
import type { Consumer } from "./capability";
import { type Identity, metadata, type PodIdentity, podIdentity, selectorLabels } from "./labels";
import type { DomainNamespace } from "./namespace";
import { openApiServer, openPath, openPeers } from "./network-policy";
import { after } from "./options";
import { createPermissions } from "./permissions";
import { type ContainerPort, type PodArgs, undeclaredExceptions } from "./pod";
import type { Backend, BackendTls } from "./route";
import { createWorkload, type Schedule, type WorkloadKind } from "./workload";

export interface ServiceArgs extends PodArgs {
  /** The software's name, e.g. `qdrant`. Changing it replaces everything. */
  readonly software: string;
  /** The part that it plays, e.g. `vector-database`. Changing it replaces everything. */
  readonly component: string;
  /** @default - no version label */
  readonly version?: string;
  readonly namespace: DomainNamespace;
  /** Changing it replaces the workload. @default Deployment */
  readonly kind?: WorkloadKind;
  /** When a CronJob runs. @default - none: every other kind */
  readonly schedule?: Schedule;
  /** Copies; more than one brings a PodDisruptionBudget and a spread over nodes. @default 1 */
  readonly replicas?: number;
  /**
   * How a Deployment goes from old pods to new ones. `recreate` ends the old ones first: for what there is no second of,
   * a GPU or a volume; nobody answers meanwhile. @default surge
   */
  readonly rollout?: "surge" | "recreate";
  /** How long a Deployment may take until it is ready, in minutes: images and models of some GiB. @default 10 */
  readonly startMinutes?: number;
  /** Somebody else sets the number of a Deployment's copies, by load: `replicas` is what it begins with. @default false */
  readonly scaled?: boolean;
  /** Ports, by name, at which the pods of the service talk to each other. @default - none */
  readonly peerPorts?: readonly string[];
}

/**
 * A service, written natively: its workload, and everything that a service always has. The Pulumi name is the name in
 * the cluster.
 */
export class Service extends Component {
  readonly identity: Identity;
  readonly pods: PodIdentity;
  readonly namespace: DomainNamespace;
  /** DNS name inside the cluster; it answers where the service has ports. */
  readonly host: string;
  private readonly ports: readonly ContainerPort[];
  private readonly opened = new Set<string>();

  constructor(name: string, args: ServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:kit:Service", name, after(opts, args.namespace));
    this.identity = serviceIdentity(name, args);
    this.namespace = args.namespace;
    this.pods = podIdentity(this.identity, args.namespace.name);
    this.ports = args.ports ?? [];
    this.host = `${name}.${args.namespace.name}.svc`;
    checkArgs(name, args);

    const child = this.child();
    createAccount(name, this.identity, args.namespace.name, child);
    createServices(name, this.identity, args, child);
    createPaths(name, this.identity, this.pods, args, child);
    const permissions = createAccountPermissions(name, this.identity, args, child);
    createWorkload(name, this.identity, args, { ...child, dependsOn: permissions });
    this.declareMetrics(args);

    this.registerOutputs({ host: this.host });
  }

  /**
   * Opens the one network path from `consumer` to the named port. The policies belong to `parent`; who asks again has the
   * path already.
   */
  open(consumer: Consumer, portName: string, parent: pulumi.Resource): void {
    const path = `${consumer.pods.namespace}/${consumer.pods.instance}/${portName}`;
    if (this.opened.has(path)) return;
    this.opened.add(path);
    const port = findPort(this.identity.instance, this.ports, portName);
    openPath(
      `${consumer.identity.instance}-${this.identity.instance}-${portName}`,
      { from: consumer.pods, to: this.pods, ports: [port], owner: consumer.identity },
      { parent, dependsOn: [consumer.namespace, this.namespace] },
    );
  }

  private declareMetrics({ metrics, namespace, sidecars = [] }: ServiceArgs): void {
    if (metrics === undefined) return;
    const { port: portName, ...rest } = metrics;
    const ports = [...this.ports, ...sidecars.flatMap((sidecar) => sidecar.ports ?? [])];
    const port = findPort(this.identity.instance, ports, portName);
    namespace.telemetry.metrics({ identity: this.identity, pods: this.pods, port, ...rest });
  }

  /** The named port as what answers behind a route; `tls` where it speaks TLS. */
  backend(portName: string, tls?: BackendTls): Backend {
    const { port: podPort, servicePort: port = podPort } = findPort(this.identity.instance, this.ports, portName);
    const { identity, namespace, pods } = this;
    return {
      identity,
      namespace,
      service: identity.instance,
      port,
      ...(port === podPort ? {} : { podPort }),
      pods,
      ...(tls && { tls: { ...tls, portName } }),
    };
  }

  /** This service as the consumer of another one's capability. */
  consumer(): Consumer {
    return { identity: this.identity, pods: this.pods, namespace: this.namespace };
  }
}

/** What a service is called; known before it is made, so that it can ask for capabilities first. */
export type ServiceName = Pick<ServiceArgs, "software" | "component" | "version" | "namespace">;

/** The service `name` as a consumer, before it is made: its pods are known by their labels. */
export function consumerOf(name: string, service: ServiceName): Consumer {
  const identity = serviceIdentity(name, service);
  return { identity, pods: podIdentity(identity, service.namespace.name), namespace: service.namespace };
}

export function serviceIdentity(name: string, args: ServiceName): Identity {
  return {
    name: args.software,
    instance: name,
    component: args.component,
    domain: args.namespace.name,
    ...(args.version === undefined ? {} : { version: args.version }),
  };
}

function checkArgs(name: string, args: ServiceArgs): void {
  const problems = undeclaredExceptions(args).map(
    (rule) => `it is excepted from "${rule}" without a reason: add { rule: "${rule}", reason } to \`exceptions\``,
  );
  if ((args.volumes?.persistent ?? []).length > 0 && args.kind !== "StatefulSet") {
    problems.push(`a ${args.kind ?? "Deployment"} cannot keep persistent volumes: use the kind StatefulSet`);
  }
  if ((args.kind === "CronJob") !== (args.schedule !== undefined)) {
    problems.push("a CronJob, and nothing else, has a schedule: set both `kind` and `schedule`, or neither");
  }
  if (problems.length > 0) {
    throw new Error(`Service "${name}":\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
  }
}

function createAccount(name: string, identity: Identity, namespace: string, opts: pulumi.CustomResourceOptions): void {
  new k8s.core.v1.ServiceAccount(
    name,
    { metadata: metadata(identity, { namespace }), automountServiceAccountToken: false },
    opts,
  );
}

/** Before the pods: what starts without its permissions fails, and waits longer each time. */
function createAccountPermissions(
  name: string,
  identity: Identity,
  args: ServiceArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const api = args.kubernetesApi;
  return api === undefined ? [] : createPermissions(name, identity, args.namespace.name, api, opts);
}

/** One Service for clients; a StatefulSet gets a headless one as well, which gives each pod its DNS name. */
function createServices(name: string, identity: Identity, args: ServiceArgs, opts: pulumi.CustomResourceOptions): void {
  const namespace = args.namespace.name;
  const ports = (args.ports ?? []).map(({ name, port, servicePort = port }) => ({
    name,
    port: servicePort,
    targetPort: name,
  }));
  if (ports.length === 0) {
    return;
  }
  const peers = new Set(args.peerPorts ?? []);
  const selector = selectorLabels(identity);
  new k8s.core.v1.Service(
    name,
    {
      metadata: metadata(identity, { namespace }),
      spec: { type: "ClusterIP", selector, ports: ports.filter((port) => !peers.has(port.name)) },
    },
    opts,
  );
  if (args.kind === "StatefulSet") {
    new k8s.core.v1.Service(
      `${name}-headless`,
      {
        metadata: metadata(identity, { name: `${name}-headless`, namespace }),
        // Peers find each other before they are ready: readiness waits for them to have done so.
        spec: { clusterIP: "None", publishNotReadyAddresses: true, selector, ports },
      },
      opts,
    );
  }
}

function createPaths(
  name: string,
  owner: Identity,
  pods: PodIdentity,
  args: ServiceArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  const ports = (args.peerPorts ?? []).map((portName) => findPort(name, args.ports ?? [], portName));
  if (ports.length > 0 && (args.replicas ?? 1) > 1) {
    openPeers(`${name}-peers`, { pods, ports, owner }, opts);
  }
  if (args.kubernetesApi !== undefined) {
    openApiServer(`${name}-api-server`, { pods, owner, webhookPorts: args.kubernetesApi.webhookPorts }, opts);
  }
}

function findPort(name: string, ports: readonly ContainerPort[], wanted: string): ContainerPort {
  const port = ports.find((each) => each.name === wanted);
  if (port === undefined) {
    const known = ports.map((each) => each.name).join(", ") || "none";
    throw new Error(`Service "${name}" has no port "${wanted}". Its ports: ${known}.`);
  }
  return port;
}
