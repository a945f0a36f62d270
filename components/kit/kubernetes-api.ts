import { type Agent, request } from "node:https";
import { text } from "node:stream/consumers";
import { parse } from "yaml";

/** The API server of a kubeconfig, for scripts that commands run: kubectl is no requirement. */
export interface Connection {
  server: string;
  ca: string;
  cert: string;
  key: string;
}

interface Kubeconfig {
  clusters: [{ cluster: { server: string; "certificate-authority-data": string } }];
  users: [{ user: { "client-certificate-data": string; "client-key-data": string } }];
}

export function connectionOf(kubeconfig: string): Connection {
  const {
    clusters: [{ cluster }],
    users: [{ user }],
  } = parse(kubeconfig) as Kubeconfig;
  return {
    server: cluster.server,
    ca: decode(cluster["certificate-authority-data"]),
    cert: decode(user["client-certificate-data"]),
    key: decode(user["client-key-data"]),
  };
}

function decode(base64: string): string {
  return Buffer.from(base64, "base64").toString();
}

export interface Call {
  /** @default GET */
  method?: string;
  path: string;
  timeoutSeconds: number;
  /** @default - a connection of its own */
  agent?: Agent;
  /** Body of a server-side apply. */
  apply?: string;
  /** Body of a merge patch. */
  merge?: string;
}

export interface Answer {
  status: number;
  body: string;
}

/** One call of the API, whatever the answer. @throws when there is none. */
export function callApi({ server, ca, cert, key }: Connection, call: Call): Promise<Answer> {
  const { method = "GET", path, timeoutSeconds, agent = false, apply, merge } = call;
  const headers = {
    ...(apply === undefined ? {} : { "content-type": "application/apply-patch+yaml" }),
    ...(merge === undefined ? {} : { "content-type": "application/merge-patch+json" }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, server), { method, agent, headers, ca, cert, key }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
    sent.setTimeout(timeoutSeconds * 1000, () => sent.destroy(new Error("no answer")));
    sent.on("error", reject);
    sent.end(apply ?? merge);
  });
}
