import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../stacks/settings";
import { Component } from "../base";
import type { Foundation } from "../hetzner/foundation";
import { type CloudMachine, CONTROL_PLANE_POOL, dedicatedName } from "../hetzner/machines";
import { type CloudServer, ServerPool } from "../hetzner/server-pool";
import { AdminAccess } from "./admin-access";
import { AdminWireguard } from "./admin-wireguard";
import { Bootstrap } from "./bootstrap";
import { nodeMtuBytes } from "./config/network";
import { ConfigApply } from "./config-apply";
import { DedicatedMachine } from "./dedicated-machine";
import { MachineConfigs } from "./machine-configs";
import { type ClusterNode, cloudNode, dedicatedNode } from "./nodes";
import { TalosSecrets } from "./secrets";
import { userData } from "./user-data";

export interface ClusterArgs
  extends Pick<
    Settings,
    | "access"
    | "backup"
    | "cluster"
    | "controlPlane"
    | "dedicated"
    | "kubernetesApi"
    | "mesh"
    | "network"
    | "storage"
    | "talos"
    | "versions"
  > {
  /** What is there before the servers. */
  foundation: Foundation;
  /** Deletion and rebuild protection of servers; Pulumi's own protection of the cluster's secrets. */
  protection: boolean;
}

/**
 * A running cluster: servers with Talos, bootstrapped, with its Kubernetes API ready. Nodes are not Ready yet: there is
 * no network for pods before Cilium, which comes next.
 */
export class Cluster extends Component {
  /** For everything inside the cluster; waits for the cluster, and on destroy is done with before it goes. */
  readonly provider: k8s.Provider;
  /** Secret. Certificate of an administrator. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Secret. Certificate of an administrator. */
  readonly talosconfig: pulumi.Output<string>;
  /** Secret. WireGuard config file of each peer, by its name. */
  readonly wireguardClients: pulumi.Output<Record<string, string>>;
  readonly nodes: ClusterNode[];
  readonly networkId: pulumi.Output<number>;
  /** Largest packet that reaches every node unfragmented: the pod network has to be told. */
  readonly nodeMtuBytes: number;

  private readonly access: AdminAccess;
  private readonly configs: MachineConfigs;

  constructor(
    private readonly name: string,
    private readonly args: ClusterArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("orrery:talos:Cluster", name, opts);
    checkMesh(args);
    const secrets = new TalosSecrets(`${name}-secrets`, { protection: args.protection }, this.child());
    const wireguard = this.createWireguard();
    this.configs = new MachineConfigs({ ...args, secrets, wireguard });
    this.access = this.createAccess(secrets);
    const controlPlane = this.createPool(CONTROL_PLANE_POOL, args.foundation.plan.controlPlane);
    const pools = args.foundation.plan.pools.map((pool) => this.createPool(pool.name, pool.machines));
    const targets = controlPlane.servers.map((server) => this.addTarget(server));
    const { applied } = this.applyConfigs(CONTROL_PLANE_POOL, controlPlane.servers, []);
    for (const pool of pools) this.applyConfigs(pool.pool, pool.servers, applied);
    const bootstrap = this.createBootstrap(applied.slice(0, 1));
    const dedicated = args.dedicated.map((machine) => this.createDedicated(machine, bootstrap));
    this.provider = this.createProvider([
      bootstrap,
      ...applied,
      controlPlane,
      ...pools,
      ...targets.flat(),
      ...dedicated,
    ]);
    this.kubeconfig = this.access.kubeconfig;
    this.talosconfig = this.access.talosconfig;
    this.wireguardClients = wireguard?.clients ?? pulumi.secret<Record<string, string>>({});
    this.nodes = [
      ...[controlPlane, ...pools].flatMap((pool) => pool.servers.map(cloudNode)),
      ...args.dedicated.map((machine) => dedicatedNode(args.cluster.name, machine)),
    ];
    this.networkId = args.foundation.network.networkId;
    this.nodeMtuBytes = nodeMtuBytes(args.mesh.kubespan);
    this.registerOutputs({ nodes: this.nodes });
  }

  private createWireguard(): AdminWireguard | undefined {
    const { foundation, mesh } = this.args;
    if (mesh.wireguard.peers.length === 0) return undefined;
    return new AdminWireguard(
      `${this.name}-wireguard`,
      {
        ...mesh.wireguard,
        controlPlanes: foundation.plan.controlPlane.map((machine) => ({
          name: machine.name,
          publicIpv4: foundation.addresses.of(machine.name)!.ipv4,
          privateIp: machine.privateIp,
        })),
      },
      this.child(),
    );
  }

  private createAccess(secrets: TalosSecrets): AdminAccess {
    const { cluster, talos } = this.args;
    return new AdminAccess(
      `${this.name}-access`,
      {
        cluster: cluster.name,
        secrets,
        talosEndpoints: this.talosEndpoints(),
        kubernetesHost: this.configs.endpoints.apply(({ kubeconfig }) => kubeconfig),
        certificateLifetimeHours: talos.certificateLifetimeHours,
        certificateEarlyRenewalHours: talos.certificateEarlyRenewalHours,
      },
      this.child(),
    );
  }

  private createPool(pool: string, machines: readonly CloudMachine[]): ServerPool {
    const { cluster, foundation, protection } = this.args;
    const isControlPlane = pool === CONTROL_PLANE_POOL;
    return new ServerPool(
      `${this.name}-${pool}`,
      {
        cluster: cluster.name,
        pool,
        machines,
        network: foundation.network,
        firewallId: isControlPlane ? foundation.firewall.controlPlaneId : foundation.firewall.workerId,
        addresses: foundation.addresses,
        placementGroups: foundation.placementGroups,
        image: (machine) => foundation.imageOf(machine),
        userData: (machine) => this.configs.cloud(machine).apply(userData),
        protection,
      },
      this.child(),
    );
  }

  private addTarget(server: CloudServer): pulumi.Resource[] {
    const { loadBalancer } = this.args.foundation;
    return loadBalancer ? [loadBalancer.addTarget(server.machine.name, server.serverId)] : [];
  }

  private applyConfigs(pool: string, servers: readonly CloudServer[], after: readonly pulumi.Resource[]): ConfigApply {
    return new ConfigApply(
      `${this.name}-${pool}-config`,
      {
        after,
        machines: servers.map(({ machine, serverId }) => ({
          machine: machine.name,
          config: this.configs.cloud(machine),
          talosconfig: this.access.talosconfig,
          endpoints: this.endpointsOf(machine),
          node: this.nodeAddress(machine),
          serverId,
        })),
      },
      this.child(),
    );
  }

  private createBootstrap(after: pulumi.Resource[]): Bootstrap {
    const first = this.args.foundation.plan.controlPlane[0]!;
    return new Bootstrap(
      `${this.name}-bootstrap`,
      {
        machine: first.name,
        node: this.nodeAddress(first),
        talosconfig: this.access.talosconfig,
        kubeconfig: this.access.kubeconfig,
        after,
      },
      this.child(),
    );
  }

  private createDedicated(machine: ClusterArgs["dedicated"][number], after: Bootstrap): DedicatedMachine {
    const name = dedicatedName(this.args.cluster.name, machine);
    return new DedicatedMachine(
      name,
      {
        machine: name,
        address: machine.address,
        certificateFingerprint: machine.certificateFingerprint,
        config: this.configs.dedicated(machine),
        talosconfig: this.access.talosconfig,
        after: [after],
      },
      this.child(),
    );
  }

  private createProvider(dependsOn: pulumi.Resource[]): k8s.Provider {
    return new k8s.Provider(
      this.name,
      {
        kubeconfig: this.access.kubeconfig,
        enableServerSideApply: true,
        // Renewed certificates and a moved endpoint are the same cluster: nothing in it is replaced because of them.
        clusterIdentifier: this.args.cluster.name,
        // An object that an interrupted `up` made, and did not get to write down, is taken over.
        upsertExistingObjects: true,
        // Our names are fixed: a replacement would take the object away from under the pods that use it.
        enableConfigMapMutable: true,
        enableSecretMutable: true,
        // The defaults (5 and 10) are slower than everything else in a large environment.
        kubeClientSettings: { qps: 200, burst: 400 },
      },
      this.child({ dependsOn }),
    );
  }

  private talosEndpoints(): pulumi.Output<string>[] {
    const { addresses, plan } = this.args.foundation;
    return plan.controlPlane.map((machine) => addresses.of(machine.name)!.ipv4);
  }

  /** A control plane is called itself, so that one that is down does not stand for another. */
  private endpointsOf(machine: CloudMachine): pulumi.Output<string>[] {
    return machine.role === "control-plane"
      ? [this.args.foundation.addresses.of(machine.name)!.ipv4]
      : this.talosEndpoints();
  }

  /** Workers' Talos API is closed to the outside: the control planes pass the call on, over the private network. */
  private nodeAddress(machine: CloudMachine): pulumi.Input<string> {
    return machine.role === "control-plane" ? this.args.foundation.addresses.of(machine.name)!.ipv4 : machine.privateIp;
  }
}

function checkMesh({ dedicated, mesh }: ClusterArgs): void {
  if (dedicated.length > 0 && !mesh.kubespan) {
    throw new Error(
      `dedicated has ${dedicated.length} machine(s), but mesh.kubespan is off. They are in no private network and join ` +
        "over the mesh: set mesh.kubespan to true.",
    );
  }
}
