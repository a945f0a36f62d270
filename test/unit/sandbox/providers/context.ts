import type { OperationContext } from "../../../../sandbox/providers/framework";

export interface TestContext extends OperationContext {
  lines: string[];
  abort(): void;
}

/** The context of an operation outside a server. */
export function testContext(options: { preview?: boolean; urn?: string } = {}): TestContext {
  const controller = new AbortController();
  const lines: string[] = [];
  return {
    urn: options.urn ?? "urn:pulumi:dev::test::type::name",
    type: "type",
    preview: options.preview ?? false,
    signal: controller.signal,
    timeoutSeconds: undefined,
    lines,
    log: (severity, message) => lines.push(`${severity}: ${message}`),
    abort: () => controller.abort(new Error("cancelled")),
  };
}
