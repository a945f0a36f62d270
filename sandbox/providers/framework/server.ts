import { setTimeout as delay } from "node:timers/promises";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { Connections } from "./connection";
import type { ProviderDefinition } from "./handler";
import { providerService } from "./service";

/** The engine's own limit for one message. */
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;

const SHUTDOWN_MS = 2_000;

export interface ServedProvider {
  /** The port on 127.0.0.1 for PULUMI_DEBUG_PROVIDERS. */
  port: number;
  /** Aborts what runs, and stops listening. */
  close(): Promise<void>;
}

/** Serves a provider on a free port of the loopback address. */
export async function serveProvider(definition: ProviderDefinition): Promise<ServedProvider> {
  const connections = new Connections();
  const server = new Server({
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
  });
  server.addService(ResourceProviderService, providerService(definition, connections));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    port,
    close: async () => {
      connections.cancel();
      // What runs gets the chance to answer: the answer of a half-made resource has its id.
      await Promise.race([
        new Promise((resolve) => server.tryShutdown(resolve)),
        delay(SHUTDOWN_MS, null, { ref: false }),
      ]);
      server.forceShutdown();
      connections.close();
    },
  };
}
