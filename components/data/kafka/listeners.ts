import { GATEWAY_LISTENER, GATEWAY_PORT, PLAIN_PORT, TLS_PORT } from "./names";

/** How clients outside reach the brokers: each has a port of its own, counted from the first. */
export interface KafkaGateway {
  /** Name under which the gateway is found. */
  readonly host: string;
  readonly firstPort: number;
}

export interface ListenerFacts {
  readonly brokers: number;
  /** Secret with tls.crt and tls.key. @default - plain text, because the environment has no certificates */
  readonly certificateSecret?: string;
  /** @default - inside the cluster only */
  readonly gateway?: KafkaGateway;
}

/** Listeners for clients. All of them ask for a name and a password (SCRAM). */
export function listeners({ brokers, certificateSecret, gateway }: ListenerFacts) {
  const tls = certificateSecret !== undefined;
  const authentication = { type: "scram-sha-512" };
  const certificate = tls
    ? { brokerCertChainAndKey: { secretName: certificateSecret, certificate: "tls.crt", key: "tls.key" } }
    : {};
  const inside = tls
    ? { name: "tls", port: TLS_PORT, type: "internal", tls, authentication, configuration: certificate }
    : { name: "plain", port: PLAIN_PORT, type: "internal", tls, authentication };
  if (gateway === undefined) return [inside];
  const advertised = Array.from({ length: brokers }, (_, broker) => ({
    broker,
    advertisedHost: gateway.host,
    advertisedPort: gateway.firstPort + broker,
  }));
  return [
    inside,
    {
      name: GATEWAY_LISTENER,
      port: GATEWAY_PORT,
      type: "cluster-ip",
      tls,
      authentication,
      configuration: { ...certificate, brokers: advertised },
    },
  ];
}

/** What clients inside the cluster have to say to connect. */
export function clientProtocol(tls: boolean) {
  return tls
    ? ({ port: TLS_PORT, securityProtocol: "SASL_SSL" } as const)
    : ({ port: PLAIN_PORT, securityProtocol: "SASL_PLAINTEXT" } as const);
}
