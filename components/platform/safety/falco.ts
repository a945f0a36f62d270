import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { Chart, type ChartSource, type ChartValues } from "../../kit/chart";
import { charts } from "../../kit/charts";
import { chartIdentity, chartPods, exceptionAnnotations, type PodIdentity } from "../../kit/labels";
import type { Namespaces } from "../../kit/namespace";
import { openApiServer, openWorld } from "../../kit/network-policy";
import { after } from "../../kit/options";
import { priorityClassOf } from "../../kit/priorities";
import { resources } from "../../kit/sizes";

/** Falco's own web server, which also says that it is healthy. */
const METRICS = { name: "web", port: 8765 };

export interface FalcoArgs {
  readonly charts: ChartSource;
  readonly namespaces: Namespaces;
  /** Rules below this priority are not loaded. */
  readonly priority: string;
}

/** Falco: reports what processes on the nodes do that they should not, by their system calls, in its log. */
export class Falco extends Component {
  constructor(name: string, args: FalcoArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("falco");
    super("orrery:platform:Falco", name, after(opts, namespace));

    const chart = charts.falco;
    const owner = chartIdentity(chart, { instance: name, component: "runtime-security", domain: namespace.name });
    const pods: PodIdentity = chartPods(chart, name, namespace.name);
    const open = [
      openApiServer(`${name}-api-server`, { pods, owner }, this.child()),
      // Its rules and its container plugin come from a registry, and their updates too.
      openWorld(`${name}-world`, { pods, owner, egress: [{ name: "https", port: 443 }] }, this.child()),
    ];
    new Chart(
      name,
      { chart, source: args.charts, namespace: namespace.name, values: falcoValues(args.priority) },
      this.child({ dependsOn: open }),
    );

    namespace.telemetry.metrics({ identity: owner, pods, port: METRICS });
    this.registerOutputs({ namespace: namespace.name });
  }
}

/** Values of Falco's chart on Talos. */
export function falcoValues(priority: string): ChartValues {
  const falcoctl = { ...resources(10, 32, 128) };
  return {
    // Talos loads no modules but its own: the probe is the one that is inside Falco and needs the kernel's types alone.
    driver: { kind: "modern_ebpf", loader: { enabled: false } },
    tolerations: [{ operator: "Exists" }],
    podAnnotations: exceptionAnnotations([
      { rule: "service-account-token", reason: "it asks the Kubernetes API whose pod a process belongs to" },
    ]),
    podPriorityClassName: priorityClassOf("falco"),
    collectors: { containerEngine: { engines: containerEngines() } },
    falcoctl: { artifact: { install: { resources: falcoctl }, follow: { resources: falcoctl } } },
    falco: {
      priority,
      json_output: true,
      // There is no syslog on Talos.
      syslog_output: { enabled: false },
      log_syslog: false,
    },
    // Read at the pods' own port: no Service between.
    metrics: { enabled: true, interval: "1m", service: { create: false } },
  };
}

/** Talos has one: containerd, spoken to as CRI. */
function containerEngines(): ChartValues {
  const off = { enabled: false };
  return { docker: off, podman: off, containerd: off, cri: { enabled: true }, lxc: off, libvirt_lxc: off, bpm: off };
}
