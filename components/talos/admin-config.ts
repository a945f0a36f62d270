import { stringify } from "yaml";
import { KUBERNETES_API_PORT } from "../hetzner/firewall-rules";
import { base64 } from "./config/common";

export interface ClientCertificate {
  caPem: string;
  certificatePem: string;
  privateKeyPem: string;
}

/** A talosconfig with one context. `nodes` is what commands are for when `-n` is not given: the first control plane. */
export function talosconfig(cluster: string, endpoints: readonly string[], client: ClientCertificate): string {
  return stringify(
    {
      context: cluster,
      contexts: {
        [cluster]: {
          endpoints: [...endpoints],
          nodes: endpoints.slice(0, 1),
          ca: base64(client.caPem),
          crt: base64(client.certificatePem),
          key: base64(client.privateKeyPem),
        },
      },
    },
    { lineWidth: 0 },
  );
}

/** A kubeconfig with one context, `admin@<cluster>`. */
export function kubeconfig(cluster: string, host: string, client: ClientCertificate): string {
  const user = `admin@${cluster}`;
  return stringify(
    {
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        {
          name: cluster,
          cluster: {
            server: `https://${host}:${KUBERNETES_API_PORT}`,
            "certificate-authority-data": base64(client.caPem),
          },
        },
      ],
      users: [
        {
          name: user,
          user: {
            "client-certificate-data": base64(client.certificatePem),
            "client-key-data": base64(client.privateKeyPem),
          },
        },
      ],
      contexts: [{ name: user, context: { cluster, user, namespace: "default" } }],
      "current-context": user,
    },
    { lineWidth: 0 },
  );
}
