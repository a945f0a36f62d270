import type * as pulumi from "@pulumi/pulumi";
import type { Postgres } from "../../components/data/postgres";
import type { GpuSupply } from "../../components/inference/gpu";
import type { Objects } from "../../components/kit/bucket";
import type { Certificates } from "../../components/kit/certificates";
import type { Gateway } from "../../components/kit/route";
import type { SecretSource } from "../../components/kit/secret-source";
import type { IdentityProvider } from "../../components/kit/sign-in";
import type { Platform } from "../../components/platform";
import type { Vault } from "../../components/platform/secrets";
import type { ClusterNode } from "../../components/talos/nodes";
import type { Settings } from "../settings";

/** What a system of the platform is made from. */
export interface SystemContext {
  readonly settings: Settings;
  /** Namespaces, charts, StorageClasses. */
  readonly platform: Platform;
  /** Deletion protection is asked for: what holds data is kept. */
  readonly protection: boolean;
  readonly cluster: {
    readonly kubeconfig: pulumi.Output<string>;
    readonly talosconfig: pulumi.Output<string>;
    readonly nodes: readonly ClusterNode[];
  };
  /** Goes to every component: the cluster's provider, after the platform. */
  readonly opts: pulumi.ComponentResourceOptions;
}

/** The capabilities that services may take. What is switched off is undefined; rules refuse settings that need it. */
export interface Systems {
  readonly secrets: SecretSource;
  readonly certificates?: Certificates;
  readonly gateway?: Gateway;
  readonly objects?: Objects;
  /** Where backups go: the objects' own store, or one outside. */
  readonly backups?: Objects;
  /** The Vault in the cluster: its web page can be exposed. */
  readonly vault?: Vault;
  /** What offers the machines' GPUs to pods. */
  readonly gpus?: GpuSupply;
}

/** Systems that stand on services of the catalogue come after them. */
export interface LateSystems extends Systems {
  readonly postgres?: Postgres;
  readonly identity?: IdentityProvider;
}
