import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Reply {
  status?: number;
  body?: object;
  headers?: Record<string, string>;
  /** Cut the connection instead of an answer. */
  cut?: true;
}

export interface FakeApi {
  endpoint: string;
  /** Method, path and body of every request. */
  requests: string[];
  close(): Promise<void>;
}

/** An HTTP server that gives the next of its replies, by method and path. */
export async function fakeApi(replies: Record<string, Reply[]>): Promise<FakeApi> {
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const part of request) {
      text += part;
    }
    requests.push(`${request.method} ${request.url}${text && ` ${text}`}`);
    const queue = replies[`${request.method} ${request.url!.split("?")[0]}`] ?? [];
    const reply = queue.length > 1 ? queue.shift()! : queue[0];
    if (reply?.cut) {
      response.destroy();
      return;
    }
    const { status = 200, body, headers } = reply ?? { status: 404, body: errorBody("not_found") };
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(body && JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function errorBody(code: string, message = `it is ${code}`, details?: object): object {
  return { error: { code, message, details } };
}
