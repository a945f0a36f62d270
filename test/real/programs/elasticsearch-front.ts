import { once } from "node:events";
import { createServer, request } from "node:https";
import { issueCertificate } from "../../../sandbox/stand-ins/operators/certificates";
import type { Server } from "./elasticsearch";

/** A role or user that was sent to be stored. */
export interface Stored {
  readonly kind: "role" | "user";
  readonly name: string;
  readonly body: Record<string, unknown>;
}

export interface Front {
  readonly stored: Stored[];
  close(): Promise<void>;
}

/**
 * Stands before the server with a certificate of the same authority and passes everything on, but for roles and users
 * that are to be stored: Elasticsearch keeps them in an index whose fields need a module that Maven Central does not
 * have. They are noted, so that the server can be given them as files.
 */
export async function startFront(
  server: Server,
  address: string,
  port: number,
  dnsNames: readonly string[],
): Promise<Front> {
  const stored: Stored[] = [];
  const wanted = { commonName: dnsNames[0]!, dnsNames: [...dnsNames], isAuthority: false, validDays: 1 };
  const { certificatePem: cert, privateKeyPem: key } = await issueCertificate(wanted, server.authority);
  const front = createServer({ cert, key }, (asked, answer) => {
    const chunks: Buffer[] = [];
    asked.on("data", (chunk: Buffer) => chunks.push(chunk));
    asked.on("end", () => {
      const body = Buffer.concat(chunks);
      const found = /^\/_security\/(role|user)\/([^/]+)$/.exec(asked.url ?? "");
      if (asked.method === "PUT" && found) {
        const [, kind, name] = found;
        stored.push({ kind: kind as Stored["kind"], name: name!, body: JSON.parse(body.toString("utf8")) });
        answer.writeHead(200, { "content-type": "application/json" }).end('{"created":true}');
        return;
      }
      const passed = request(
        {
          host: server.address,
          port: 9200,
          servername: dnsNames[0],
          ca: server.authority.certificatePem,
          method: asked.method,
          path: asked.url,
          headers: asked.headers,
          agent: false,
        },
        (response) => {
          answer.writeHead(response.statusCode!, response.headers);
          response.pipe(answer);
        },
      );
      passed.on("error", () => answer.destroy());
      passed.end(body);
    });
  });
  front.listen(port, address);
  await once(front, "listening");
  return {
    stored,
    close: async () => {
      front.closeAllConnections();
      front.close();
      await once(front, "close");
    },
  };
}
