import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { type AgentOptions, Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from "node:https";
import { createInterface } from "node:readline";
import { isMap, type PropertyMap, type PropertyValue, sleep } from "../framework";
import { ApiError, UnreachableError } from "./errors";
import type { ClusterAccess } from "./kubeconfig";
import { RateLimiter } from "./limiter";

export interface ClientSettings {
  /** Requests a second, lasting. */
  qps: number;
  /** Requests that may start at once. */
  burst: number;
  /** Limit of one request; 0 is none. @default 60 */
  timeoutSeconds: number;
}

export interface ApiRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  query?: Record<string, string | undefined>;
  body?: PropertyValue;
  /** @default application/json */
  contentType?: string;
  signal?: AbortSignal;
  /** Times to try when a try may be repeated. @default 6 */
  attempts?: number;
}

export interface ApiResponse {
  object: PropertyMap;
  /** Texts of the Warning headers: deprecated APIs, unknown fields, Pod Security. */
  warnings: string[];
}

const MAX_ATTEMPTS = 6;
const MAX_SOCKETS = 64;
const RETRIED_CODES = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EAI_AGAIN", "ECONNABORTED"]);

/** JSON over HTTPS to one API server: kept-alive connections, a rate limit, and retries where a retry is safe. */
export class ApiClient {
  readonly server: string;
  private readonly agent: HttpAgent | HttpsAgent;
  private readonly limiter: RateLimiter;
  private readonly headers: Promise<Record<string, string>>;

  constructor(
    private readonly access: ClusterAccess,
    private readonly settings: ClientSettings,
    private readonly userAgent: string,
  ) {
    this.server = access.server.origin;
    const options = { keepAlive: true, maxSockets: MAX_SOCKETS };
    this.agent =
      access.server.protocol === "http:"
        ? new HttpAgent(options)
        : new HttpsAgent({ ...options, ...tlsOptions(access) });
    this.limiter = new RateLimiter(settings.qps, settings.burst);
    this.headers = authHeaders(access);
    // Whoever asks first sees the failure; nobody asking is no failure.
    this.headers.catch(() => undefined);
  }

  /** One request, tried again on overload, server errors and connections that were not made or broke. */
  async request(request: ApiRequest): Promise<ApiResponse> {
    const signal = request.signal ?? new AbortController().signal;
    for (let attempt = 1; ; attempt++) {
      await this.limiter.take(signal);
      try {
        return await this.once(request, signal);
      } catch (error) {
        const waitMs = retryDelayMs(error, attempt, request.method);
        if (signal.aborted || attempt >= (request.attempts ?? MAX_ATTEMPTS) || waitMs === undefined) {
          throw error;
        }
        await sleep(waitMs, signal);
      }
    }
  }

  /** The object at a path; undefined when there is none. */
  async get(path: string, signal?: AbortSignal): Promise<PropertyMap | undefined> {
    try {
      return (await this.request({ method: "GET", path, signal })).object;
    } catch (error) {
      if (error instanceof ApiError && error.isNotFound) {
        return undefined;
      }
      throw error;
    }
  }

  /** Lines of a watch as they come; ends when the server ends it or the signal says so. */
  async *watch(path: string, query: Record<string, string>, signal: AbortSignal): AsyncGenerator<PropertyMap> {
    const response = await this.open({ method: "GET", path, query: { ...query, watch: "1" } }, signal);
    if ((response.statusCode ?? 0) >= 400) {
      throw apiError(response.statusCode ?? 0, path, await readText(response));
    }
    try {
      for await (const line of createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY })) {
        const event: unknown = line.trim() === "" ? undefined : JSON.parse(line);
        if (isMap(event)) {
          yield event;
        }
      }
    } catch (error) {
      if (!signal.aborted) {
        throw new UnreachableError(this.server, error as Error);
      }
    } finally {
      response.destroy();
    }
  }

  close(): void {
    this.agent.destroy();
  }

  private async once(request: ApiRequest, signal: AbortSignal): Promise<ApiResponse> {
    const { timeoutSeconds } = this.settings;
    const limited = timeoutSeconds > 0 ? AbortSignal.any([signal, AbortSignal.timeout(timeoutSeconds * 1000)]) : signal;
    const response = await this.open(request, limited);
    const body = await readText(response).catch((error: Error) => {
      throw signal.aborted ? error : new UnreachableError(this.server, error);
    });
    const code = response.statusCode ?? 0;
    if (code >= 400) {
      throw apiError(code, request.path, body, response.headers["retry-after"]);
    }
    const object: unknown = JSON.parse(body);
    if (!isMap(object)) {
      throw new Error(
        `the Kubernetes API server ${this.server} answered ${request.path} with something other than JSON`,
      );
    }
    return { object, warnings: parseWarnings(response.headers["warning"]) };
  }

  private async open(request: ApiRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const { server } = this.access;
    const url = new URL(server.href.replace(/\/$/, "") + request.path);
    for (const [key, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined) {
        url.searchParams.set(key, value);
      }
    }
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const headers: Record<string, string | number> = {
      ...(await this.headers),
      accept: "application/json",
      "user-agent": this.userAgent,
    };
    if (body !== undefined) {
      headers["content-type"] = request.contentType ?? "application/json";
      headers["content-length"] = Buffer.byteLength(body);
    }
    const options: RequestOptions = { method: request.method, headers, agent: this.agent, signal };
    return new Promise((resolve, reject) => {
      const send = server.protocol === "http:" ? httpRequest : httpsRequest;
      const outgoing: ClientRequest = send(url, options, resolve);
      outgoing.on("error", (error: Error) => {
        const cancelled = signal.aborted && signal.reason?.name !== "TimeoutError";
        reject(cancelled ? signal.reason : this.unreachable(error, outgoing.reusedSocket));
      });
      outgoing.end(body);
    });
  }

  private unreachable(error: Error & { code?: string }, reusedSocket: boolean): UnreachableError {
    const { timeoutSeconds } = this.settings;
    const timedOut = error.name === "AbortError" || error.name === "TimeoutError";
    return new UnreachableError(
      this.server,
      timedOut ? Object.assign(new Error(`no answer within ${timeoutSeconds} s`), { code: "ETIMEDOUT" }) : error,
      // The server had closed a connection that we kept: it has not read the request.
      reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE"),
    );
  }
}

function tlsOptions(access: ClusterAccess): AgentOptions {
  return {
    ca: access.ca,
    cert: access.cert,
    key: access.key,
    servername: access.tlsServerName,
    rejectUnauthorized: !access.insecure,
  };
}

/** undefined: do not try again. Only a request that surely was not carried out, or may be twice, is repeated. */
function retryDelayMs(error: unknown, attempt: number, method: string): number | undefined {
  const backoffMs = Math.min(100 * 2 ** (attempt - 1), 3_000);
  if (error instanceof ApiError) {
    if (error.code === 429 || error.code === 503) {
      return Math.max((error.retryAfterSeconds ?? 0) * 1000, backoffMs);
    }
    // A creation that the server failed at may have happened: the object would be in its own way.
    return error.code >= 500 && method !== "POST" ? backoffMs : undefined;
  }
  if (error instanceof UnreachableError) {
    const code = error.cause.code ?? "";
    const unsent = error.unsent || code === "ECONNREFUSED" || code === "EAI_AGAIN";
    const safe = unsent || method !== "POST";
    return safe && RETRIED_CODES.has(code) ? backoffMs : undefined;
  }
  return undefined;
}

function apiError(code: number, path: string, body: string, retryAfter?: string): ApiError {
  let status: PropertyMap = {};
  try {
    const parsed: unknown = JSON.parse(body);
    status = isMap(parsed) ? parsed : {};
  } catch {
    status = { message: `the Kubernetes API server answered ${code} to ${path}: ${body.trim().slice(0, 500)}` };
  }
  if (retryAfter !== undefined && Number(retryAfter) > 0) {
    const details = isMap(status["details"]) ? status["details"] : {};
    status = { ...status, details: { retryAfterSeconds: Number(retryAfter), ...details } };
  }
  return new ApiError(code, status, path);
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** `299 - "text", 299 - "text"`; the texts escape their quotes. */
export function parseWarnings(header: string | string[] | undefined): string[] {
  const joined = Array.isArray(header) ? header.join(", ") : (header ?? "");
  return [...joined.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map((match) => (match[1] ?? "").replace(/\\(.)/g, "$1"));
}

async function authHeaders(access: ClusterAccess): Promise<Record<string, string>> {
  if (access.external) {
    // Loaded only here: it takes as long as everything else together, and few kubeconfigs need a plugin.
    const { KubeConfig } = await import("@kubernetes/client-node");
    const config = new KubeConfig();
    config.loadFromString(access.document);
    config.setCurrentContext(access.context);
    const options: RequestOptions = { headers: {} };
    await config.applyToHTTPSOptions(options);
    return Object.fromEntries(Object.entries(options.headers ?? {}).map(([key, value]) => [key, String(value)]));
  }
  if (access.token !== undefined) {
    return { authorization: `Bearer ${access.token}` };
  }
  if (access.username !== undefined) {
    const credentials = Buffer.from(`${access.username}:${access.password ?? ""}`).toString("base64");
    return { authorization: `Basic ${credentials}` };
  }
  return {};
}
