import { setTimeout as sleep } from "node:timers/promises";

const ATTEMPTS = 6;
const PAGE_SIZE = 50;
/** Most actions take a second or two, a snapshot minutes; each question counts against the rate limit. */
const FIRST_POLL_MILLISECONDS = 100;
const LONGEST_POLL_MILLISECONDS = 3000;

export interface ApiOptions {
  endpoint: string;
  token: string;
  signal?: AbortSignal;
}

/** An answer of the Hetzner API that is an error. */
export class HetznerError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

interface Action {
  id: number;
  command: string;
  status: "running" | "success" | "error";
  error?: { code: string; message: string } | null;
}

interface ErrorBody {
  error?: { code?: string; message?: string };
}

/** As much of the Hetzner API's manners as the image builder needs: errors, patience, pages and actions. */
export class HetznerClient {
  constructor(private readonly options: ApiOptions) {}

  get<T>(path: string): Promise<T> {
    return this.call<T>("GET", path);
  }

  post<T>(path: string, body: unknown = {}): Promise<T> {
    return this.call<T>("POST", path, body);
  }

  /** Deletes; something that is gone already is fine. */
  async delete(path: string): Promise<void> {
    try {
      const answer = await this.call<{ action?: Action }>("DELETE", path);
      if (answer?.action) await this.wait(answer.action);
    } catch (error) {
      if (!(error instanceof HetznerError && error.status === 404)) throw error;
    }
  }

  /** All pages of a list. `path` may have a query. */
  async list<Key extends string, T>(key: Key, path: string): Promise<T[]> {
    const items: T[] = [];
    for (let page: number | null = 1; page !== null; ) {
      const separator = path.includes("?") ? "&" : "?";
      const answer: Record<Key, T[]> & { meta?: { pagination?: { next_page: number | null } } } = await this.get(
        `${path}${separator}page=${page}&per_page=${PAGE_SIZE}`,
      );
      items.push(...answer[key]);
      page = answer.meta?.pagination?.next_page ?? null;
    }
    return items;
  }

  /** Waits for the end of an action. @throws when it fails */
  async wait(action: Action): Promise<void> {
    let current = action;
    let pause = FIRST_POLL_MILLISECONDS;
    while (current.status === "running") {
      await sleep(pause, undefined, { signal: this.options.signal });
      pause = Math.min(pause * 1.5, LONGEST_POLL_MILLISECONDS);
      current = (await this.get<{ action: Action }>(`/actions/${action.id}`)).action;
    }
    if (current.status === "error") {
      const { code, message } = current.error ?? { code: "unknown", message: "no reason given" };
      throw new HetznerError(0, code, `Hetzner could not do ${current.command}: ${message} (${code}).`);
    }
  }

  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.once<T>(method, path, body).catch((error: Error) => error);
      if (!(outcome instanceof Error)) return outcome;
      if (attempt === ATTEMPTS || !isTransient(outcome, method)) throw outcome;
      await sleep(2 ** attempt * 500, undefined, { signal: this.options.signal });
    }
  }

  private async once<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.options.endpoint}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.options.token}`, "content-type": "application/json" },
      signal: this.options.signal,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer: unknown = text === "" ? undefined : JSON.parse(text);
    if (response.ok) return answer as T;
    const { error } = (answer ?? {}) as ErrorBody;
    throw new HetznerError(
      response.status,
      error?.code ?? "unknown",
      `Hetzner answered ${method} ${path} with ${response.status} ${error?.code ?? ""}: ${error?.message ?? text}`,
    );
  }
}

/** What passes by itself. A create whose answer got lost is not repeated: it may have happened. */
function isTransient(error: Error, method: string): boolean {
  if (!(error instanceof HetznerError)) return error.name !== "AbortError" && method !== "POST";
  const { status, code } = error;
  return status === 429 || status === 423 || code === "conflict" || (status >= 500 && method !== "POST");
}
