import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { imageReference, images, imageVersion } from "../../kit/images";
import type { Variable } from "../../kit/pod";
import { priorities } from "../../kit/priorities";
import type { Backend } from "../../kit/route";
import { consumerOf, Service, type ServiceArgs } from "../../kit/service";
import { resources } from "../../kit/sizes";
import { viewerAcls } from "./acls";
import { MECHANISM } from "./connection";
import { type KafkaServer, KafkaUser } from "./user";

const CA_PATH = "/etc/kafka-ca";

/** Kafka's web page, for looking: neither its user nor the page itself can change anything. People sign in before it. */
export class KafkaUi extends Component {
  private readonly service: Service;

  constructor(name: string, { server }: { readonly server: KafkaServer }, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:data:KafkaUi", name, opts);
    const { namespace } = server;
    const about = { software: "kafka-ui", component: "console", version: imageVersion(images.kafkaUi), namespace };
    const consumer = consumerOf(name, about);
    const user = new KafkaUser(`${name}-user`, { server, user: name, acls: viewerAcls, consumer }, this.child());
    this.service = new Service(name, { ...about, ...kafkaUiPods(server, user) }, this.child({ dependsOn: [user] }));
    this.registerOutputs({ host: this.service.host });
  }

  backend(): Backend {
    return this.service.backend("http");
  }
}

/** Everything of the page's pods but what they are called. */
export function kafkaUiPods(
  server: Pick<KafkaServer, "name" | "host" | "port" | "securityProtocol">,
  { secretName, caConfigMap }: { readonly secretName: string; readonly caConfigMap?: string },
): Pick<
  ServiceArgs,
  "image" | "ports" | "environment" | "resources" | "probes" | "metrics" | "volumes" | "runAs" | "priorityClass"
> {
  return {
    image: imageReference(images.kafkaUi),
    ports: [{ name: "http", port: 8080 }],
    environment: environment(server, secretName, caConfigMap !== undefined),
    resources: resources(100, 512, 768),
    probes: {
      ready: { http: "/actuator/health/readiness", port: "http" },
      live: { http: "/actuator/health/liveness", port: "http" },
      startupSeconds: 180,
    },
    metrics: { port: "http", path: "/actuator/prometheus" },
    volumes: {
      scratch: [{ name: "tmp", path: "/tmp", sizeLimitMiB: 128 }],
      ...(caConfigMap === undefined
        ? {}
        : { configMaps: [{ name: "kafka-ca", path: CA_PATH, configMap: caConfigMap }] }),
    },
    runAs: { user: 100, group: 101 },
    // It is looked at, and nothing hangs on it.
    priorityClass: priorities.service.name,
  };
}

function environment(
  { name, host, port, securityProtocol }: Pick<KafkaServer, "name" | "host" | "port" | "securityProtocol">,
  secret: string,
  tls: boolean,
): Record<string, Variable> {
  const cluster = (key: string) => `KAFKA_CLUSTERS_0_${key}`;
  return {
    JAVA_OPTS: "-XX:MaxRAMPercentage=50",
    DYNAMIC_CONFIG_ENABLED: "false",
    // The gateway has asked who it is.
    AUTH_TYPE: "DISABLED",
    MANAGEMENT_ENDPOINT_HEALTH_PROBES_ENABLED: "true",
    MANAGEMENT_HEALTH_LDAP_ENABLED: "false",
    [cluster("NAME")]: name,
    [cluster("READONLY")]: "true",
    [cluster("BOOTSTRAPSERVERS")]: `${host}:${port}`,
    [cluster("PROPERTIES_SECURITY_PROTOCOL")]: securityProtocol,
    [cluster("PROPERTIES_SASL_MECHANISM")]: MECHANISM,
    [cluster("PROPERTIES_SASL_JAAS_CONFIG")]: { secret, key: "sasl-jaas-config" },
    ...(tls
      ? {
          [cluster("PROPERTIES_SSL_TRUSTSTORE_TYPE")]: "PEM",
          [cluster("PROPERTIES_SSL_TRUSTSTORE_LOCATION")]: `${CA_PATH}/ca.crt`,
        }
      : {}),
  };
}
