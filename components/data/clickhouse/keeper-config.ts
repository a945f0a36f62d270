import { METRICS_PORT, SECURE_KEEPER_PORT } from "./names";
import { openSsl } from "./server-config";
import { configFile, REMOVED } from "./xml";

/**
 * What is not the operator's: file of keeper_config.d. Its plain port stays for the questions that a pod asks itself; no
 * network path leads there once there is a certificate.
 */
export function keeperConfig({ secure }: { readonly secure: boolean }): string {
  return configFile({
    logger: { level: "information", console: 1, log: REMOVED, errorlog: REMOVED },
    keeper_server: {
      four_letter_word_white_list: "ruok,mntr,srvr,stat",
      ...(secure ? { tcp_port_secure: SECURE_KEEPER_PORT, raft_configuration: { secure: true } } : {}),
    },
    ...(secure ? { openSSL: openSsl(false) } : {}),
    prometheus: { endpoint: "/metrics", port: METRICS_PORT, metrics: true, events: true, asynchronous_metrics: true },
  });
}
