import * as pulumi from "@pulumi/pulumi";

export interface KafkaEndpoint {
  /** The bootstrap Service; the brokers tell their own names. */
  readonly host: string;
  readonly port: number;
  readonly securityProtocol: "SASL_SSL" | "SASL_PLAINTEXT";
}

export const MECHANISM = "SCRAM-SHA-512";

/** Keys of a user's Secret, in the words of Kafka's clients. `group` is what its consumer groups begin with. */
export function connection(
  { host, port, securityProtocol }: KafkaEndpoint,
  user: string,
  password: pulumi.Output<string>,
) {
  return {
    host,
    port: String(port),
    username: user,
    password,
    "bootstrap-servers": `${host}:${port}`,
    "security-protocol": securityProtocol,
    "sasl-mechanism": MECHANISM,
    "sasl-jaas-config": pulumi.interpolate`org.apache.kafka.common.security.scram.ScramLoginModule required username="${user}" password="${password}";`,
    group: user,
  };
}
