import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { imageReference, images, imageVersion } from "../../kit/images";
import { exceptionAnnotations, type Identity, labels, metadata, selectorLabels } from "../../kit/labels";
import { after } from "../../kit/options";
import { priorityClassOf } from "../../kit/priorities";
import { resources } from "../../kit/sizes";
import { GPU_LABEL, tolerationsOf } from "./node";
import type { DevicePluginArgs } from "./nvidia";

export const AMD_PLUGIN = "amd-device-plugin";

/** Seconds between looks at whether the GPUs still answer: what does not is offered no more. */
const HEALTH_SECONDS = 30;

/** By its socket in here the plugin registers with the kubelet. */
const KUBELET_PLUGINS = "/var/lib/kubelet/device-plugins";

/** AMD's device plugin: offers each machine's GPUs to pods as `amd.com/gpu`. It knows no way of sharing them. */
export class AmdDevicePlugin extends Component {
  constructor(args: Omit<DevicePluginArgs, "charts">, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("gpu");
    super("orrery:inference:AmdDevicePlugin", AMD_PLUGIN, after(opts, namespace));
    const identity: Identity = {
      name: AMD_PLUGIN,
      instance: AMD_PLUGIN,
      component: "device-plugin",
      domain: namespace.name,
      version: imageVersion(images.amdDevicePlugin),
    };
    const at = { metadata: metadata(identity, { namespace: namespace.name }) };

    const account = new k8s.core.v1.ServiceAccount(
      AMD_PLUGIN,
      { ...at, automountServiceAccountToken: false },
      this.child(),
    );
    const taints = args.machines.flatMap((machine) => machine.taints);
    new k8s.apps.v1.DaemonSet(
      AMD_PLUGIN,
      { ...at, spec: amdDaemonSetSpec(identity, tolerationsOf(taints)) },
      this.child({ dependsOn: [account] }),
    );

    this.registerOutputs({ namespace: namespace.name });
  }
}

/** As AMD's chart has it: root without any capability, and two directories of the node. */
export function amdDaemonSetSpec(identity: Identity, tolerations: ReturnType<typeof tolerationsOf>) {
  return {
    selector: { matchLabels: selectorLabels(identity) },
    revisionHistoryLimit: 3,
    template: {
      metadata: { labels: labels(identity), annotations: exceptionAnnotations(exceptions()) },
      spec: {
        serviceAccountName: identity.instance,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        priorityClassName: priorityClassOf(identity.domain),
        nodeSelector: { [GPU_LABEL]: "amd" },
        ...(tolerations.length === 0 ? {} : { tolerations }),
        securityContext: { seccompProfile: { type: "RuntimeDefault" } },
        containers: [container()],
        volumes: [
          { name: "device-plugins", hostPath: { path: KUBELET_PLUGINS, type: "Directory" } },
          { name: "sys", hostPath: { path: "/sys", type: "Directory" } },
        ],
      },
    },
  };
}

function container() {
  return {
    name: AMD_PLUGIN,
    image: imageReference(images.amdDevicePlugin),
    imagePullPolicy: "IfNotPresent",
    command: ["./k8s-device-plugin"],
    args: ["-logtostderr=true", "-stderrthreshold=INFO", `-pulse=${HEALTH_SECONDS}`],
    resources: resources(10, 32, 128),
    securityContext: {
      runAsUser: 0,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts: [
      { name: "device-plugins", mountPath: KUBELET_PLUGINS },
      { name: "sys", mountPath: "/sys", readOnly: true },
    ],
  };
}

function exceptions() {
  const reason = "it registers with the kubelet by a socket of root's, and looks for GPUs in /sys";
  return ["workload-restricted", "workload-no-host-access"].map((rule) => ({ rule, reason }));
}
