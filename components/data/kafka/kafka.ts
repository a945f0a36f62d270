import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Consumer } from "../../kit/capability";
import type { Certificates } from "../../kit/certificates";
import type { ChartSource } from "../../kit/chart";
import type { Identity, PodIdentity } from "../../kit/labels";
import type { DomainNamespace, Namespaces } from "../../kit/namespace";
import { after } from "../../kit/options";
import type { Backend } from "../../kit/route";
import type { ServerCertificate } from "../../kit/server-certificate";
import type { Size } from "../../kit/sizes";
import { type Grants, userAcls } from "./acls";
import { createCluster } from "./create";
import { createEntity } from "./entity";
import { kafkaCertificate, kafkaIdentity } from "./identity";
import { clientProtocol, type KafkaGateway } from "./listeners";
import { bootstrapService, brokerPods, GATEWAY_PORT, gatewayService } from "./names";
import { checkedTopicName, type TopicOptions, topicSpec } from "./topic";
import { KafkaUi } from "./ui";
import { type KafkaServer, KafkaUser } from "./user";

export interface KafkaArgs {
  readonly charts: ChartSource;
  readonly namespaces: Namespaces;
  /** Up to three of them vote. It can be raised from three on; with one, the data has to be moved. @default 1 */
  readonly brokers?: number;
  /** Size of each broker's volume in GiB. It may grow, never shrink. */
  readonly storageGiB: number;
  /** Changing it affects new brokers only. */
  readonly storageClass: string;
  /** @default small */
  readonly size?: Size;
  /** The authority that signs the brokers' certificate. @default - plain text */
  readonly certificates?: Certificates;
  /** @default - inside the cluster only */
  readonly gateway?: KafkaGateway;
  /** Run the web page. @default false */
  readonly ui?: boolean;
}

/** Apache Kafka, run by Strimzi. Services get topics and users of their own: `topic()`, `user()`. */
export class Kafka extends Component implements KafkaServer {
  readonly name: string;
  readonly identity: Identity;
  readonly namespace: DomainNamespace;
  readonly pods: PodIdentity;
  /** DNS name at which clients begin. */
  readonly host: string;
  readonly port: number;
  readonly securityProtocol: KafkaServer["securityProtocol"];
  readonly certificate?: ServerCertificate;
  readonly brokers: number;
  /** The web page, where it is switched on. */
  readonly ui?: KafkaUi;
  private readonly cluster: pulumi.Resource;

  constructor(name: string, args: KafkaArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("broker");
    super("orrery:data:Kafka", name, after(opts, namespace));
    this.name = name;
    this.namespace = namespace;
    this.identity = kafkaIdentity(name, namespace.name);
    this.pods = brokerPods(name, namespace.name);
    this.brokers = args.brokers ?? 1;
    this.host = `${bootstrapService(name)}.${namespace.name}.svc`;
    ({ port: this.port, securityProtocol: this.securityProtocol } = clientProtocol(args.certificates !== undefined));

    this.certificate = kafkaCertificate(this, args, this.child());
    this.cluster = createCluster(this, args, this.child());
    if (args.ui === true) this.ui = new KafkaUi(`${name}-ui`, { server: this }, this.behind());

    this.registerOutputs({ host: this.host, port: this.port, brokers: this.brokers });
  }

  /** A topic. Taken out of the program it stays in Kafka, with its messages. Returns what to depend on. */
  topic(topic: string, options: TopicOptions = {}): pulumi.Resource {
    const object = checkedTopicName(topic);
    const spec = topicSpec(topic, options, this.brokers);
    return createEntity(`${this.name}-topic-${object}`, "KafkaTopic", object, { server: this, spec }, this.behind());
  }

  /** A user that may do with the named topics what it asks for and nothing else; opens its one way to the brokers. */
  user(user: string, { consumer, ...grants }: Grants & { readonly consumer?: Consumer }): KafkaUser {
    const acls = userAcls(user, grants);
    return new KafkaUser(`${this.name}-user-${user}`, { server: this, user, acls, consumer }, this.behind());
  }

  /** One broker, as what answers behind a port of the gateway. */
  backend(broker: number): Backend {
    const { identity, namespace, pods } = this;
    return { identity, namespace, service: gatewayService(this.name, this.brokers, broker), port: GATEWAY_PORT, pods };
  }

  private behind(): pulumi.ComponentResourceOptions {
    return this.child({ dependsOn: [this.cluster] });
  }
}
