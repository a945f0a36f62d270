import { imageReference, images } from "../../kit/images";
import { type Identity, labels } from "../../kit/labels";
import { spreadConstraints } from "../../kit/pod";
import { priorities } from "../../kit/priorities";
import type { Environment } from "../../kit/sizes";
import { httpTls } from "./cluster";
import { kibanaResources } from "./sizes";

export const KIBANA_PORT = 5601;

export interface KibanaFacts {
  readonly identity: Identity;
  readonly environment: Environment;
  /** Name of the Elasticsearch that it shows. */
  readonly elasticsearch: string;
  /** Where people find it. */
  readonly publicUrl: string;
  /** Secret with tls.crt, tls.key and ca.crt. @default - plain HTTP */
  readonly tlsSecret?: string;
}

export function kibanaService(name: string): string {
  return `${name}-kb-http`;
}

export function kibanaReplicas(environment: Environment): number {
  return environment === "prod" ? 2 : 1;
}

/** Spec of the kibana.k8s.elastic.co/v1 Kibana. */
export function kibanaSpec(facts: KibanaFacts) {
  const { identity, environment } = facts;
  const count = kibanaReplicas(environment);
  return {
    version: images.kibana.tag,
    image: imageReference(images.kibana),
    count,
    elasticsearchRef: { name: facts.elasticsearch },
    http: httpTls(facts.tlsSecret),
    config: {
      "server.publicBaseUrl": facts.publicUrl,
      // It has no way out of the cluster: what it would fetch or send is switched off.
      "telemetry.optIn": false,
      "telemetry.allowChangingOptInStatus": false,
      "newsfeed.enabled": false,
      "map.includeElasticMapsService": false,
      "xpack.fleet.isAirGapped": true,
    },
    podTemplate: {
      metadata: { labels: labels(identity) },
      spec: {
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        priorityClassName: priorities.service.name,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 1000,
          fsGroup: 1000,
          seccompProfile: { type: "RuntimeDefault" },
        },
        ...(count > 1 ? { topologySpreadConstraints: spreadConstraints(identity) } : {}),
        // The containers' security context is ECK's: restricted, with a read-only root file system.
        containers: [{ name: "kibana", resources: kibanaResources(environment) }],
      },
    },
  };
}
