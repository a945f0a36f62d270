import type { ChartValues } from "../../kit/chart";
import { images } from "../../kit/images";
import { type Exception, exceptionAnnotations } from "../../kit/labels";
import { priorities } from "../../kit/priorities";
import { resources } from "../../kit/sizes";

export interface RecordFacts {
  readonly provider: "hetzner" | "cloudflare";
  /** The provider's zone: names outside of it are left alone. */
  readonly zone: string;
  /** Marks the records as this cluster's own. Changing it leaves the old records to nobody. */
  readonly clusterName: string;
  /** `sync` removes records of what is gone. */
  readonly policy: "upsert-only" | "sync";
  /** What kind of routes the gateway has. */
  readonly routes: "gateway" | "ingress";
  /** Name of a Cloudflare tunnel: records point there instead of to the load balancer. @default - no tunnel */
  readonly tunnelHost?: string;
  readonly tokenSecret: { readonly name: string; readonly key: string };
}

/** The kinds that are watched. One that the cluster does not know would keep external-dns from starting. */
const sources: Readonly<Record<RecordFacts["routes"], readonly string[]>> = {
  gateway: ["gateway-httproute", "gateway-grpcroute", "crd"],
  ingress: ["ingress", "crd"],
};

const TOKEN: Exception = { rule: "service-account-token", reason: "it watches the routes whose names get records" };

/** Both ask the same page: whoever is slow is spared longer than he is left without requests. */
const PATIENT = { failureThreshold: 12 };

/** Values of external-dns's chart. */
export function externalDnsValues(facts: RecordFacts): ChartValues {
  return {
    sources: [...sources[facts.routes]],
    policy: facts.policy,
    registry: "txt",
    txtOwnerId: facts.clusterName,
    // In front of the name, and with a dot: the zone's own name has nothing before it that could be extended.
    txtPrefix: "orrery-%{record_type}.",
    domainFilters: [facts.zone],
    // Each change at once, and everything once in a while.
    triggerLoopOnEvent: true,
    interval: "5m",
    priorityClassName: priorities.platform.name,
    podAnnotations: exceptionAnnotations([TOKEN]),
    resources: { ...resources(20, 64, 128) },
    livenessProbe: PATIENT,
    ...tunnelTarget(facts),
    ...provider(facts),
  };
}

function tunnelTarget({ provider, tunnelHost }: RecordFacts): ChartValues {
  if (provider !== "cloudflare" || tunnelHost === undefined) {
    return {};
  }
  return { extraArgs: [`--default-targets=${tunnelHost}`, "--force-default-targets", "--cloudflare-proxied"] };
}

function provider({ provider, tokenSecret }: RecordFacts): ChartValues {
  const token = (name: string): ChartValues => ({ name, valueFrom: { secretKeyRef: { ...tokenSecret } } });
  if (provider === "cloudflare") {
    return { provider: { name: "cloudflare" }, env: [token("CF_API_TOKEN")] };
  }
  return {
    provider: {
      name: "webhook",
      webhook: {
        image: { repository: images.externalDnsHetzner.name, tag: images.externalDnsHetzner.tag },
        env: [token("HETZNER_TOKEN")],
        resources: { ...resources(10, 32, 128) },
        livenessProbe: PATIENT,
        securityContext: {
          allowPrivilegeEscalation: false,
          privileged: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          runAsUser: 65532,
          runAsGroup: 65532,
          capabilities: { drop: ["ALL"] },
        },
      },
    },
  };
}
