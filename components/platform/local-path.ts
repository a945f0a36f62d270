import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";
import { imageReference, images, imageVersion } from "../kit/images";
import { metadata } from "../kit/labels";
import { DomainNamespace } from "../kit/namespace";
import { Service } from "../kit/service";
import { type Environment, resources } from "../kit/sizes";
import { localPathFiles, localPathRules } from "./local-path-files";
import { DEFAULT_CLASS_ANNOTATION, RECLAIM_POLICY, storageClassOptions } from "./storage";

export interface LocalPathArgs {
  readonly environment: Environment;
  /** Class of claims that name none. @default false */
  readonly isDefault?: boolean;
}

/** As StorageClasses and volumes name the provisioner. */
export const LOCAL_PATH_PROVISIONER = "rancher.io/local-path";

/** Volumes on the nodes' own disks: the fastest there are, and gone with the node. */
export class LocalPath extends Component {
  readonly storageClass = "local-path";

  constructor(name: string, args: LocalPathArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:platform:LocalPath", name, opts);

    const namespace = new DomainNamespace(
      "local-path-storage",
      { domain: "local-path-storage", environment: args.environment },
      this.child(),
    );
    const provisioner = createProvisioner(name, namespace, this.child());
    createStorageClass(name, this.storageClass, provisioner, args, this.child());

    this.registerOutputs({ storageClass: this.storageClass });
  }
}

function createProvisioner(name: string, namespace: DomainNamespace, opts: pulumi.ComponentResourceOptions): Service {
  return new Service(
    name,
    {
      software: "local-path-provisioner",
      component: "storage",
      version: imageVersion(images.localPathProvisioner),
      namespace,
      image: imageReference(images.localPathProvisioner),
      command: ["local-path-provisioner", "start", "--config", "/etc/config/config.json"],
      environment: {
        POD_NAMESPACE: { field: "metadata.namespace" },
        CONFIG_MOUNT_PATH: "/etc/config/",
      },
      resources: resources(20, 64, 128),
      volumes: { config: { path: "/etc/config", files: localPathFiles() } },
      kubernetesApi: {
        reason: "it watches claims and makes volumes through the Kubernetes API",
        ...localPathRules(),
      },
      exceptions: [
        {
          rule: "probes",
          reason: "it serves no port: there is nothing to ask, and its process ends when it cannot go on",
        },
      ],
    },
    opts,
  );
}

function createStorageClass(
  name: string,
  className: string,
  provisioner: Service,
  args: LocalPathArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  new k8s.storage.v1.StorageClass(
    `${name}-class`,
    {
      metadata: metadata(provisioner.identity, {
        name: className,
        annotations: { [DEFAULT_CLASS_ANNOTATION]: String(args.isDefault ?? false) },
      }),
      provisioner: LOCAL_PATH_PROVISIONER,
      // The directory is made on the node on which the pod was placed.
      volumeBindingMode: "WaitForFirstConsumer",
      reclaimPolicy: RECLAIM_POLICY,
    },
    { ...opts, ...storageClassOptions },
  );
}
