import { stringify } from "yaml";
import type { PlannedService } from "../types";
import { PORTS } from "./names";
import { programOf, programSettings } from "./programs";

export interface ServeFacts {
  readonly services: readonly PlannedService[];
  /** Directory with the files of a service's model. */
  readonly directoryOf: (service: PlannedService) => string;
  /** The image has every package: nothing is fetched when a replica starts. */
  readonly complete: boolean;
}

/** Requests that may wait for each one that a replica works on; more than that get a 503 at once. */
const WAITING_FOR_EACH = 16;

/** Serve's configuration as the RayService takes it: `serveConfigV2`. */
export function serveConfigText(facts: ServeFacts): string {
  return stringify(serveConfig(facts), { lineWidth: 0 });
}

/** Serve's configuration: one application for each service, at `/<name>`. */
export function serveConfig({ services, directoryOf, complete }: ServeFacts) {
  const longest = Math.max(...services.map(({ timeoutSeconds }) => timeoutSeconds));
  return {
    // Where there are replicas, and on the head, which answers for those that are scaled to none.
    proxy_location: "EveryNode",
    http_options: { host: "0.0.0.0", port: PORTS.http, request_timeout_s: longest },
    logging_config: { encoding: "JSON" },
    applications: services.map((service) => ({
      name: service.name,
      route_prefix: routePrefix(service.name),
      import_path: `${programOf(service).module}:build`,
      args: programSettings(service, directoryOf(service)),
      deployments: [{ name: "Model", ...deployment(service, complete) }],
    })),
  };
}

export const routePrefix = (service: string) => `/${service}`;

function deployment(service: PlannedService, complete: boolean) {
  const { concurrency, timeoutSeconds } = service;
  return {
    ...copies(service),
    max_ongoing_requests: concurrency,
    max_queued_requests: concurrency * WAITING_FOR_EACH,
    // What is being answered is answered to its end.
    graceful_shutdown_timeout_s: timeoutSeconds,
    health_check_period_s: 10,
    health_check_timeout_s: 30,
    ray_actor_options: actorOptions(service, complete),
  };
}

function copies({ replicas, scaling, concurrency }: PlannedService) {
  if (scaling === undefined) return { num_replicas: replicas };
  const { minReplicas, queueLength, idleSeconds } = scaling;
  return {
    autoscaling_config: {
      min_replicas: minReplicas,
      max_replicas: replicas,
      initial_replicas: Math.max(1, minReplicas),
      // Those that it works on, and those that may wait for it.
      target_ongoing_requests: concurrency + queueLength,
      upscale_delay_s: 5,
      downscale_delay_s: idleSeconds,
      downscale_to_zero_delay_s: idleSeconds,
    },
  };
}

/** Ray counts the parts of a GPU; the resource with the service's name pins it to the machines that the plan chose. */
function actorOptions(service: PlannedService, complete: boolean) {
  const { name, place, host } = service;
  const { packages } = programOf(service);
  return {
    num_cpus: host.cpuMillicores / 1000,
    // Ray gives away parts of one GPU, or several whole ones.
    ...(place.kind === "gpu" ? { num_gpus: place.gpus > 1 ? place.gpus : place.share } : {}),
    resources: { [name]: 1 },
    ...(complete || packages.length === 0
      ? {}
      : {
          runtime_env: { pip: { packages: [...packages], pip_check: false }, config: { setup_timeout_seconds: 1800 } },
        }),
  };
}
