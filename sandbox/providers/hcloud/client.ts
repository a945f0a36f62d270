import { abortError, sleep } from "../framework";
import type { Action } from "./api-types";
import { ActionError, ApiError } from "./errors";

export interface ClientOptions {
  endpoint: string;
  token: string;
  /** Between two looks at a running action. */
  pollIntervalMs: number;
  /** Whether the interval doubles from look to look. */
  pollFunction: "constant" | "exponential";
}

type Method = "GET" | "POST" | "PUT" | "DELETE";

/** How often a request is tried again, as hcloud-go does. */
const MAX_RETRIES = 5;
/** A locked server or network is busy with another action, of which there can be several in a row. */
const MAX_LOCKED_RETRIES = 30;
const MAX_BACKOFF_MS = 10_000;
/** A full rate limit refills within the hour, but a few requests are there again after seconds. */
const MAX_RATE_LIMIT_WAIT_MS = 60_000;
const REQUEST_TIMEOUT_MS = 60_000;

/** The Hetzner Cloud API over HTTP: retries, waiting for actions, paging. */
export class HcloudClient {
  constructor(private readonly options: ClientOptions) {}

  get<T>(path: string, signal: AbortSignal): Promise<T> {
    return this.request<T>("GET", path, undefined, signal);
  }

  post<T>(path: string, body: object, signal: AbortSignal): Promise<T> {
    return this.request<T>("POST", path, body, signal);
  }

  put<T>(path: string, body: object, signal: AbortSignal): Promise<T> {
    return this.request<T>("PUT", path, body, signal);
  }

  delete<T>(path: string, signal: AbortSignal): Promise<T | undefined> {
    return this.request<T | undefined>("DELETE", path, undefined, signal);
  }

  /** Reads every page of a list. */
  async list<T>(path: string, key: string, query: [string, string][], signal: AbortSignal): Promise<T[]> {
    const items: T[] = [];
    for (let page: number | null = 1; page !== null; ) {
      const parameters = new URLSearchParams(page === 1 ? query : [...query, ["page", String(page)]]);
      const text = parameters.size === 0 ? "" : `?${parameters}`;
      const answer: Record<string, unknown> = await this.get(`${path}${text}`, signal);
      items.push(...(answer[key] as T[]));
      page =
        (answer["meta"] as { pagination?: { next_page: number | null } } | undefined)?.pagination?.next_page ?? null;
    }
    return items;
  }

  /** Starts an action and waits for it. */
  async act(path: string, body: object, signal: AbortSignal): Promise<void> {
    const answer = await this.post<{ action?: Action; actions?: Action[] }>(path, body, signal);
    await this.wait([answer.action, ...(answer.actions ?? [])], signal);
  }

  /** Waits until every action has ended; fails with the first that failed. */
  async wait(actions: (Action | null | undefined)[], signal: AbortSignal): Promise<void> {
    let running = check(actions.filter((action) => action !== null && action !== undefined));
    for (let round = 0; running.length > 0; round++) {
      await sleep(this.pollDelay(round), signal);
      const ids = running.map(({ id }) => `id=${id}`).join("&");
      const answer = await this.get<{ actions: Action[] }>(`/actions?${ids}&page=1&sort=status&sort=id`, signal);
      const seen = new Map(answer.actions.map((action) => [action.id, action]));
      running = check(running.map((action) => seen.get(action.id) ?? action));
    }
  }

  private pollDelay(round: number): number {
    const { pollIntervalMs, pollFunction } = this.options;
    return pollFunction === "constant" ? pollIntervalMs : Math.min(pollIntervalMs * 2 ** round, MAX_BACKOFF_MS);
  }

  private async request<T>(method: Method, path: string, body: object | undefined, signal: AbortSignal): Promise<T> {
    let lostAnswer = false;
    for (let attempt = 0; ; attempt++) {
      if (signal.aborted) {
        throw abortError(signal);
      }
      let failure: unknown;
      let resetMs: number | undefined;
      try {
        const response = await this.send(method, path, body, signal);
        if (response.ok) {
          return (response.status === 204 ? undefined : await response.json()) as T;
        }
        failure = await toError(response, `${method} ${path.split("?")[0]}`);
        resetMs = rateLimitReset(response);
      } catch (error) {
        if (signal.aborted && method === "GET") {
          throw abortError(signal);
        }
        failure = new Error(`hcloud/${method} ${path}: ${describe(error)}`, { cause: error });
      }
      if (failure instanceof ApiError) {
        failure.afterLostAnswer = lostAnswer;
      }
      lostAnswer ||= losesAnswer(failure);
      if (attempt >= retriesFor(failure)) {
        throw failure;
      }
      await sleep(resetMs ?? this.backoff(attempt), signal);
    }
  }

  /** A request that changes something is never cut off: its answer has the id of what now costs money. */
  private send(method: Method, path: string, body: object | undefined, signal: AbortSignal): Promise<Response> {
    const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    return fetch(`${this.options.endpoint}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.options.token}`,
        ...(body && { "content-type": "application/json" }),
      },
      body: body && JSON.stringify(body),
      signal: method === "GET" ? AbortSignal.any([signal, timeout]) : timeout,
    });
  }

  /** Doubles from twice the poll interval (at most 1 s), with jitter, so that parallel requests spread out. */
  private backoff(attempt: number): number {
    const base = Math.min(1000, this.options.pollIntervalMs * 2);
    return Math.min(base * 2 ** attempt, MAX_BACKOFF_MS) * (0.5 + Math.random() / 2);
  }
}

function check(actions: Action[]): Action[] {
  const failed = actions.find(({ status }) => status === "error");
  if (failed !== undefined) {
    const { code, message } = failed.error ?? { code: "unknown", message: "the action failed" };
    throw new ActionError(failed.command, code, message);
  }
  return actions.filter(({ status }) => status === "running");
}

async function toError(response: Response, request: string): Promise<ApiError> {
  const text = await response.text();
  try {
    const { error } = JSON.parse(text) as { error: { code: string; message: string; details?: unknown } };
    return new ApiError(response.status, error.code, error.message, request, error.details);
  } catch {
    return new ApiError(response.status, `http_${response.status}`, response.statusText || "no message", request, null);
  }
}

/** @returns how often a request that failed like this is tried again */
function retriesFor(failure: unknown): number {
  if (!(failure instanceof ApiError)) {
    return isRefused(failure) ? 0 : MAX_RETRIES;
  }
  // By its code: a protected resource answers 423 too, and stays protected.
  if (failure.code === "locked") {
    return MAX_LOCKED_RETRIES;
  }
  const passing =
    [429, 502, 503, 504].includes(failure.status) || ["conflict", "rate_limit_exceeded"].includes(failure.code);
  return passing ? MAX_RETRIES : 0;
}

/** Whether the request may have been carried out although it failed. */
function losesAnswer(failure: unknown): boolean {
  return !(failure instanceof ApiError) || [502, 503, 504].includes(failure.status);
}

/** Nothing listens at the endpoint, or it has no address: trying again does not help. */
function isRefused(failure: unknown): boolean {
  const cause = (failure as { cause?: { cause?: { code?: string } } }).cause?.cause;
  return ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"].includes(cause?.code ?? "");
}

function describe(error: unknown): string {
  const { message, cause } = error as Error & { cause?: Error };
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}

/** When the rate limit is full again; only looked at on a 429. */
function rateLimitReset(response: Response): number | undefined {
  const reset = Number(response.headers.get("ratelimit-reset"));
  if (response.status !== 429 || Number.isNaN(reset) || reset === 0) {
    return undefined;
  }
  return Math.min(Math.max(reset * 1000 - Date.now(), 0) + 100, MAX_RATE_LIMIT_WAIT_MS);
}
