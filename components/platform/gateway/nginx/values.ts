import type { ChartValues } from "../../../kit/chart";
import { type Exception, exceptionAnnotations } from "../../../kit/labels";
import { priorities } from "../../../kit/priorities";
import { type Resources, resources, type Size } from "../../../kit/sizes";
import type { DataPlaneSize } from "../data-plane";
import { GATEWAY_NAMESPACE, LOAD_BALANCER } from "../names";

/** Class of the Ingresses that this controller reads; those of any other class are nobody's. */
export const INGRESS_CLASS = "orrery-gateway";
/** Name of the release; it begins the names of all objects of the chart. */
export const RELEASE = "ingress-nginx";
/** ConfigMap with the ports that are passed on as they are. */
export const TCP_SERVICES = "tcp-services";
/** What the controller says of itself and of what goes through it. */
export const METRICS = { name: "metrics", port: 10254 } as const;
/** Where the API server asks whether an Ingress may be written. */
export const WEBHOOK_PORT = 9443;

const component = (name: string) => ({
  "app.kubernetes.io/name": "ingress-nginx",
  "app.kubernetes.io/instance": RELEASE,
  "app.kubernetes.io/component": name,
});
/** Labels that the chart puts on the pods that pass requests on. */
export const CONTROLLER_LABELS = component("controller");
/** Labels of the jobs that make the webhook's certificate. */
export const ADMISSION_LABELS = component("admission-webhook");

/** nginx runs without the right to ports below 1024: it listens at 8080 for 80. */
const SHIFT = 8000;

export function nginxPodPort(port: number): number {
  return port < 1024 ? port + SHIFT : port;
}

const EXCEPTIONS: readonly Exception[] = [
  { rule: "service-account-token", reason: "the controller reads Ingresses and writes their addresses" },
  { rule: "read-only-root-filesystem", reason: "the controller writes nginx's configuration anew at each change" },
];

interface Figures {
  readonly resources: Resources;
  /** Workers: nginx takes one for each core of the node, which says nothing about what the pod may have. */
  readonly workers: number;
}

/** The chart's own request is 100m and 90 MiB with a few routes; a reload runs old and new workers side by side. */
const figures: Readonly<Record<Size, Figures>> = {
  small: { resources: resources(100, 256, 512), workers: 2 },
  medium: { resources: resources(500, 512, 1024), workers: 4 },
  large: { resources: resources(2000, 1024, 2048), workers: 8 },
};

export interface NginxValuesArgs extends Pick<DataPlaneSize, "replicas" | "size" | "proxyProtocol"> {
  /** Secret beside the controller with the certificate for all hosts. */
  readonly certificate: string;
  /** Whether ports other than HTTP's are passed on. */
  readonly tcp: boolean;
}

/** Values of ingress-nginx's chart. */
export function nginxValues(args: NginxValuesArgs): ChartValues {
  const { replicas, size, certificate, tcp } = args;
  const job = { resources: { ...resources(20, 64, 128) } };
  return {
    controller: {
      ingressClass: INGRESS_CLASS,
      ingressClassResource: { name: INGRESS_CLASS, controllerValue: `k8s.io/${INGRESS_CLASS}` },
      replicaCount: replicas,
      ...(replicas > 1 ? { minAvailable: replicas - 1, topologySpreadConstraints: spread() } : {}),
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      priorityClassName: priorities.platform.name,
      resources: { ...figures[size].resources },
      containerPort: { http: nginxPodPort(80), https: nginxPodPort(443) },
      config: config(args),
      extraArgs: {
        "http-port": String(nginxPodPort(80)),
        "https-port": String(nginxPodPort(443)),
        // The load balancer is a Service of ours; its addresses go into each Ingress, where DNS finds them.
        "publish-service": `${GATEWAY_NAMESPACE}/${LOAD_BALANCER}`,
        "default-ssl-certificate": `${GATEWAY_NAMESPACE}/${certificate}`,
        ...(tcp ? { "tcp-services-configmap": `${GATEWAY_NAMESPACE}/${TCP_SERVICES}` } : {}),
      },
      service: { enabled: false },
      metrics: { enabled: true, port: METRICS.port, portName: METRICS.name, service: { enabled: false } },
      podLabels: { "orrery.dev/metrics-port": METRICS.name, "orrery.dev/domain": GATEWAY_NAMESPACE },
      podAnnotations: { "orrery.dev/metrics-path": "/metrics", ...exceptionAnnotations(EXCEPTIONS) },
      admissionWebhooks: {
        port: WEBHOOK_PORT,
        createSecretJob: job,
        patchWebhookJob: job,
        patch: { priorityClassName: priorities.platform.name },
      },
    },
  };
}

/** nginx's configuration: every value is a text. */
function config({ size, proxyProtocol }: NginxValuesArgs): ChartValues {
  return {
    "use-proxy-protocol": String(proxyProtocol),
    // Whatever comes over plain HTTP is redirected, except ACME's questions.
    "force-ssl-redirect": "true",
    // A browser that has once been told to insist on HTTPS cannot be told otherwise; the other gateways say nothing.
    hsts: "false",
    // How large a body may be is for the service behind to say: nginx's 1 MiB breaks every upload.
    "proxy-body-size": "0",
    // Sign-in puts whole tokens into headers.
    "proxy-buffer-size": "16k",
    "worker-processes": String(figures[size].workers),
  };
}

function spread() {
  const even = { maxSkew: 1, nodeTaintsPolicy: "Honor", labelSelector: { matchLabels: CONTROLLER_LABELS } };
  return [
    { topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "DoNotSchedule", ...even },
    { topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "ScheduleAnyway", ...even },
  ];
}
