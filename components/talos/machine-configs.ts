import * as pulumi from "@pulumi/pulumi";
import type { DedicatedMachine, Settings } from "../../stacks/settings";
import type { Foundation } from "../hetzner/foundation";
import { type CloudMachine, dedicatedName } from "../hetzner/machines";
import { gpuOf } from "../inference/gpu/of-machine";
import type { Domain } from "../kit/domains";
import type { AdminWireguard } from "./admin-wireguard";
import { renderConfig } from "./config/common";
import { controlPlaneConfig } from "./config/control-plane";
import type { ClusterConfigInput, MachineConfigInput } from "./config/input";
import { dedicatedLabels } from "./config/labels";
import { workerConfig } from "./config/worker";
import { dedicatedSchematic } from "./dedicated-image";
import { type Endpoints, endpoints } from "./endpoint";
import type { SecretsBundle, TalosSecrets } from "./secrets";
import { storageRequirements } from "./storage-requirements";

/** Where the pods run that take snapshots of etcd. */
const ETCD_BACKUP_NAMESPACE: Domain = "backup";

export interface MachineConfigsArgs
  extends Pick<
    Settings,
    | "access"
    | "backup"
    | "cluster"
    | "controlPlane"
    | "kubernetesApi"
    | "mesh"
    | "network"
    | "storage"
    | "talos"
    | "versions"
  > {
  foundation: Foundation;
  secrets: TalosSecrets;
  wireguard: AdminWireguard | undefined;
}

/**
 * The machine configs of a cluster: settings, secrets and addresses brought together, one secret YAML text for each
 * machine. It makes no resources.
 */
export class MachineConfigs {
  readonly endpoints: pulumi.Output<Endpoints>;
  private readonly byServer = new Map<string, pulumi.Output<string>>();

  constructor(private readonly args: MachineConfigsArgs) {
    this.endpoints = resolveEndpoints(args);
  }

  /** Config of a cloud server, for its user data and for every later change. */
  cloud(machine: CloudMachine): pulumi.Output<string> {
    const known = this.byServer.get(machine.name);
    if (known) return known;
    const config = machine.role === "control-plane" ? this.controlPlane(machine) : this.worker(machine);
    this.byServer.set(machine.name, config);
    return config;
  }

  dedicated(machine: DedicatedMachine): pulumi.Output<string> {
    const { cluster, secrets } = this.args;
    return pulumi.secret(
      pulumi.all([secrets.bundle, this.endpoints]).apply(([bundle, hosts]) =>
        renderConfig(
          workerConfig({
            ...this.shared(bundle),
            hostname: dedicatedName(cluster.name, machine),
            pool: machine.pool,
            labels: dedicatedLabels(machine),
            taints: machine.taints,
            gpu: gpuOf(machine),
            schematicId: dedicatedSchematic(this.args, machine).id,
            endpointHost: hosts.dedicated,
            certSans: [machine.address],
            platform: {
              name: "metal",
              address: machine.address,
              robotNumber: machine.robotNumber,
              diskSelector: machine.diskSelector,
            },
          }),
        ),
      ),
    );
  }

  private controlPlane(machine: CloudMachine): pulumi.Output<string> {
    const { backup, controlPlane, foundation, secrets, wireguard } = this.args;
    return pulumi.secret(
      pulumi
        .all([secrets.bundle, this.endpoints, publicIpv4(foundation, machine), wireguard?.endpointOf(machine.name)])
        .apply(([bundle, hosts, address, tunnel]) =>
          renderConfig(
            controlPlaneConfig({
              ...this.shared(bundle),
              ...this.machine(machine, hosts.cloud, address),
              platform: { name: "hcloud", publicIpv4: machine.publicIpv4 },
              apiServerSans: hosts.apiServerSans,
              schedulable: controlPlane.schedulable,
              etcdBackupNamespace: backup.etcd.enabled ? ETCD_BACKUP_NAMESPACE : undefined,
              wireguard: tunnel,
            }),
          ),
        ),
    );
  }

  private worker(machine: CloudMachine): pulumi.Output<string> {
    const { foundation, secrets } = this.args;
    return pulumi.secret(
      pulumi
        .all([secrets.bundle, this.endpoints, publicIpv4(foundation, machine)])
        .apply(([bundle, hosts, address]) =>
          renderConfig(workerConfig({ ...this.shared(bundle), ...this.machine(machine, hosts.cloud, address) })),
        ),
    );
  }

  private shared(secrets: SecretsBundle): ClusterConfigInput {
    const { access, cluster, mesh, network, storage, talos, versions } = this.args;
    return {
      clusterName: cluster.name,
      domain: cluster.domain,
      talosVersion: versions.talos,
      kubernetesVersion: versions.kubernetes,
      secrets,
      network,
      adminCidrs: access.adminCidrs,
      kubespan: mesh.kubespan,
      diskEncryption: talos.diskEncryption,
      storage: storageRequirements(storage),
      sysctls: talos.sysctls,
    };
  }

  private machine(machine: CloudMachine, endpointHost: string, address: string | undefined): MachineConfigInput {
    return {
      hostname: machine.name,
      pool: machine.pool,
      labels: machine.labels,
      taints: machine.taints,
      gpu: machine.gpu,
      schematicId: this.args.foundation.schematicOf(machine).id,
      endpointHost,
      certSans: [...(address === undefined ? [] : [address]), machine.privateIp],
      platform: { name: "hcloud", publicIpv4: machine.publicIpv4 },
    };
  }
}

function publicIpv4(foundation: Foundation, machine: CloudMachine): pulumi.Output<string> | undefined {
  return foundation.addresses.of(machine.name)?.ipv4;
}

function resolveEndpoints(args: MachineConfigsArgs): pulumi.Output<Endpoints> {
  const { cluster, foundation, kubernetesApi, wireguard } = args;
  const controlPlanes = foundation.plan.controlPlane.map((machine) => ({
    publicIpv4: foundation.addresses.of(machine.name)!.ipv4,
    privateIp: machine.privateIp,
    wireguardIp: wireguard?.addressOf(machine.name),
  }));
  const loadBalancer = foundation.loadBalancer && {
    privateIp: foundation.plan.loadBalancerIp,
    publicIpv4: kubernetesApi.loadBalancer.public ? foundation.loadBalancer.publicIpv4 : undefined,
  };
  return pulumi.output({ controlPlanes, loadBalancer }).apply((resolved) =>
    endpoints({
      ...resolved,
      domain: cluster.domain,
      extraSans: kubernetesApi.extraSans,
    }),
  );
}
