import { statusOf } from "./errors";
import type { Fault } from "./records";
import type { Store } from "./store";

/** Faults that tests inject; they are part of the state, so that one strikes even after a restart. */
export class Faults {
  constructor(private readonly store: Store) {}

  add(fault: Omit<Fault, "id">): Fault {
    const added = { id: this.store.newId(), ...fault };
    this.store.sandbox.faults.push(added);
    return added;
  }

  list(): Fault[] {
    return this.store.sandbox.faults;
  }

  reset(): void {
    this.store.sandbox.faults = [];
    this.store.sandbox.neverBoots = [];
    this.store.sandbox.soldOut = [];
    this.store.touch();
  }

  /** The first fault that a request meets; it counts as used. */
  strike(method: string, url: string): Fault | undefined {
    const fault = this.list().find(
      (each) =>
        each.times > 0 && (each.method === undefined || each.method === method) && new RegExp(each.pathRegex).test(url),
    );
    if (fault) {
      fault.times -= 1;
      this.store.touch();
    }
    return fault;
  }
}

/** The answer that an injected error gives. */
export function faultAnswer(fault: Fault): { status: number; body: unknown } {
  const code = fault.code ?? codeFor(fault.status ?? 500);
  const message = fault.message ?? `injected fault: ${code}`;
  return { status: fault.status ?? statusOf(code), body: { error: { code, message, details: null } } };
}

function codeFor(status: number): string {
  const codes: Record<number, string> = {
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    412: "resource_unavailable",
    423: "locked",
    429: "rate_limit_exceeded",
    502: "bad_gateway",
    503: "unavailable",
    504: "timeout",
  };
  return codes[status] ?? (status >= 500 ? "server_error" : "invalid_input");
}
