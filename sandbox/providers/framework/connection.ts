import { EngineLog } from "./engine-log";
import type { OperationContext, ProviderInstance } from "./handler";

/**
 * What one of the engine's connections stands for: one provider resource. The engine attaches to the same port for
 * each of them, so their configurations must be kept apart by connection.
 */
export class Connection {
  instance: Promise<ProviderInstance> | undefined;
  private engineLog: EngineLog | undefined;
  private readonly cancellation = new AbortController();

  attach(engineAddress: string): void {
    this.engineLog?.close();
    this.engineLog = engineAddress === "" ? undefined : new EngineLog(engineAddress);
  }

  cancel(): void {
    this.cancellation.abort(new Error("cancelled"));
  }

  flushLog(): Promise<void> {
    return this.engineLog?.flush() ?? Promise.resolve();
  }

  close(): void {
    this.cancel();
    this.engineLog?.close();
    this.instance?.then(
      (instance) => instance.close?.(),
      () => undefined,
    );
  }

  context(options: { urn: string; type: string; preview?: boolean; timeoutSeconds?: number }): OperationContext {
    // 0 is the protocol's "no timeout".
    const timeoutSeconds = options.timeoutSeconds || undefined;
    return {
      urn: options.urn,
      type: options.type,
      preview: options.preview ?? false,
      timeoutSeconds,
      signal: this.signal(timeoutSeconds),
      log: (severity, message, ephemeral = false) => this.engineLog?.log(options.urn, severity, message, ephemeral),
    };
  }

  private signal(timeoutSeconds: number | undefined): AbortSignal {
    if (timeoutSeconds === undefined) {
      return this.cancellation.signal;
    }
    const timeout = new AbortController();
    setTimeout(
      () => timeout.abort(new Error(`timed out after ${timeoutSeconds} s, the resource's customTimeouts`)),
      timeoutSeconds * 1000,
    ).unref();
    return AbortSignal.any([this.cancellation.signal, timeout.signal]);
  }
}

/** Finds the connection that a call came over. */
export class Connections {
  private readonly byPeer = new Map<string, Connection>();
  private lastConfigured: Connection | undefined;

  get(peer: string): Connection {
    const known = this.byPeer.get(peer);
    if (known !== undefined) {
      return known;
    }
    const connection = new Connection();
    this.byPeer.set(peer, connection);
    return connection;
  }

  configured(connection: Connection): void {
    this.lastConfigured = connection;
  }

  /** An idle gRPC connection is re-established under another port: then the last configuration holds. */
  instance(peer: string): Promise<ProviderInstance> {
    const connection = this.get(peer);
    const instance = connection.instance ?? this.lastConfigured?.instance;
    return instance ?? Promise.reject(new Error("the provider has not been configured"));
  }

  cancel(): void {
    for (const connection of this.byPeer.values()) {
      connection.cancel();
    }
  }

  close(): void {
    for (const connection of this.byPeer.values()) {
      connection.close();
    }
  }
}
