import { setTimeout as sleep } from "node:timers/promises";

/** The calls that the cloud controller and the CSI driver make. */

export interface CloudServer {
  id: number;
  name: string;
  status: string;
  server_type: { name: string };
  location: { name: string; network_zone: string };
  public_net: { ipv4: { ip: string } | null; ipv6: { ip: string } | null };
  private_net: { network: number; ip: string }[];
}

export interface CloudVolume {
  id: number;
  name: string;
  size: number;
  server: number | null;
  location: { name: string };
}

export interface LoadBalancerService {
  protocol: "tcp" | "http" | "https";
  listen_port: number;
  destination_port: number;
  proxyprotocol: boolean;
}

export interface LoadBalancerTarget {
  type: "server";
  server: { id: number };
  use_private_ip: boolean;
}

export interface CloudLoadBalancer {
  id: number;
  name: string;
  labels: Record<string, string>;
  load_balancer_type: { name: string };
  location: { name: string };
  public_net: { enabled: boolean; ipv4: { ip: string | null }; ipv6: { ip: string | null } };
  private_net: { network: number; ip: string }[];
  services: LoadBalancerService[];
  targets: (Partial<Omit<LoadBalancerTarget, "type">> & { type: string })[];
}

interface Action {
  id: number;
  status: "running" | "success" | "error";
  error: { code: string; message: string } | null;
}

interface Reply {
  action?: Action | null;
  actions?: Action[];
  meta?: { pagination?: { next_page: number | null } };
}

export class CloudError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const actionPollMs = 250;
const attempts = 6;

export class CloudClient {
  constructor(
    private readonly endpoint: string,
    private readonly token: string,
  ) {}

  /** Every page of a list. */
  async list<T>(collection: string, query: Record<string, string> = {}): Promise<T[]> {
    const found: T[] = [];
    for (let page: number | null | undefined = 1; page; ) {
      const search = new URLSearchParams({ ...query, per_page: "50", page: String(page) });
      const reply: Reply & Record<string, unknown> = await this.call("GET", `/${collection}?${search}`);
      found.push(...((reply[collection] as T[] | undefined) ?? []));
      page = reply.meta?.pagination?.next_page;
    }
    return found;
  }

  async get<T>(path: string): Promise<T | undefined> {
    try {
      return await this.call<T>("GET", path);
    } catch (error) {
      if (error instanceof CloudError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Calls, and waits for the actions that it started. */
  async change<T extends object>(method: "POST" | "PUT" | "DELETE", path: string, body?: object): Promise<T> {
    const reply = await this.call<T & Reply>(method, path, body);
    const started = [...(reply.action ? [reply.action] : []), ...(reply.actions ?? [])];
    await Promise.all(started.map((action) => this.finished(action)));
    return reply;
  }

  async remove(path: string): Promise<void> {
    try {
      await this.change("DELETE", path);
    } catch (error) {
      if (!(error instanceof CloudError && error.status === 404)) throw error;
    }
  }

  private async finished(action: Action): Promise<void> {
    let now = action;
    while (now.status === "running") {
      await sleep(actionPollMs);
      now = (await this.call<{ action: Action }>("GET", `/actions/${action.id}`)).action;
    }
    if (now.status === "error") {
      throw new CloudError(0, now.error?.code ?? "action_failed", now.error?.message ?? "the action failed");
    }
  }

  private async call<T>(method: string, path: string, body?: object): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const response = await fetch(`${this.endpoint}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.token}`,
          ...(body ? { "content-type": "application/json" } : {}),
        },
        body: body ? JSON.stringify(body) : undefined,
        signal: AbortSignal.timeout(30_000),
      });
      const text = await response.text();
      if (response.ok) return (text ? JSON.parse(text) : {}) as T;
      // What the official clients try again: too fast, or locked by another action.
      const again = response.status === 429 || response.status === 423 || response.status >= 500;
      if (again && attempt < attempts) {
        await sleep(250 * 2 ** attempt);
        continue;
      }
      throw asError(response.status, text);
    }
  }
}

function asError(status: number, text: string): CloudError {
  try {
    const { error } = JSON.parse(text) as { error?: { code?: string; message?: string } };
    return new CloudError(status, error?.code ?? "unknown", error?.message ?? `HTTP ${status}`);
  } catch {
    return new CloudError(status, "unknown", `HTTP ${status}: ${text.slice(0, 200)}`);
  }
}
