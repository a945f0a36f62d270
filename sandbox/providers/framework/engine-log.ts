import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity as Severity } from "@pulumi/pulumi/proto/engine_pb";
import type { LogSeverity } from "./handler";

const SEVERITIES = {
  debug: Severity.DEBUG,
  info: Severity.INFO,
  warning: Severity.WARNING,
  error: Severity.ERROR,
} as const;

/** Sends lines to the engine, which shows them at the resource. A line that cannot be sent is dropped. */
export class EngineLog {
  private client: EngineClient | undefined;
  private pending: Promise<void> = Promise.resolve();

  constructor(private readonly address: string) {}

  log(urn: string, severity: LogSeverity, message: string, ephemeral: boolean): void {
    const request = new LogRequest();
    request.setSeverity(SEVERITIES[severity]);
    request.setMessage(message);
    request.setUrn(urn);
    request.setEphemeral(ephemeral);
    this.client ??= new EngineClient(this.address, credentials.createInsecure());
    const client = this.client;
    // One after another: lines of a script must not overtake each other.
    this.pending = this.pending.then(() => new Promise((resolve) => client.log(request, () => resolve())));
  }

  /** Resolves when every line so far has been sent. */
  flush(): Promise<void> {
    return this.pending;
  }

  close(): void {
    this.client?.close();
  }
}
