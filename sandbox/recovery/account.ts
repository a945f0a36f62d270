import { setTimeout as sleep } from "node:timers/promises";
import type { ApiObject, HcloudLookup } from "./hcloud";
import type { Answer } from "./plan";

export interface AccountOptions {
  /** e.g. https://api.hetzner.cloud/v1 */
  endpoint: string;
  token: string;
}

export const HETZNER_ENDPOINT = "https://api.hetzner.cloud/v1";

const TRIES = 6;
const RETRY_MS = 1_000;
/** How long an action that the dead run began may still take; Hetzner's longest are minutes. */
const ACTIONS_MS = 10 * 60_000;
const ACTION_POLL_MS = 1_000;

/** The Hetzner account, as far as recovery asks it. */
export class Account {
  constructor(private readonly options: AccountOptions) {}

  /** Looks a pending create up; what is still in the making is waited for. */
  async find(lookup: HcloudLookup): Promise<Answer> {
    const first = await this.object(lookup);
    if (!first) return { found: "nothing" };
    await this.settled(`/${lookup.collection}/${first.id}/actions?status=running`);
    const object = await this.object(lookup);
    return object ? { found: "hcloud", object } : { found: "nothing" };
  }

  /** One server, once nothing is under way with it any more. */
  async server(id: string): Promise<Answer> {
    await this.settled(`/servers/${id}/actions?status=running`);
    const object = (await this.request("GET", `/servers/${id}`))?.server as ApiObject | undefined;
    return object ? { found: "hcloud", object } : { found: "nothing" };
  }

  async deleteServer(id: string): Promise<void> {
    await this.request("DELETE", `/servers/${id}`);
  }

  async powerOn(server: string): Promise<void> {
    await this.request("POST", `/servers/${server}/actions/poweron`);
    await this.settled(`/servers/${server}/actions?status=running`);
  }

  private async object(lookup: HcloudLookup): Promise<ApiObject | undefined> {
    if (lookup.kind === "named") {
      const path = `/${lookup.collection}?name=${encodeURIComponent(lookup.name)}`;
      const answer = await this.request("GET", path);
      return (answer?.[lookup.collection] as ApiObject[] | undefined)?.[0];
    }
    const answer = await this.request("GET", `/${lookup.collection}/${lookup.parent}`);
    return answer?.[lookup.collection.replace(/s$/, "")] as ApiObject | undefined;
  }

  private async settled(path: string): Promise<void> {
    for (const deadline = Date.now() + ACTIONS_MS; Date.now() < deadline; await sleep(ACTION_POLL_MS)) {
      // Resources without actions have no such path.
      const answer = await this.request("GET", path);
      if (((answer?.actions as unknown[] | undefined) ?? []).length === 0) return;
    }
  }

  /** undefined: not found. */
  private async request(method: string, path: string): Promise<Record<string, unknown> | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      const problem = await this.attempt(method, path);
      if (!(problem instanceof Error)) return problem;
      if (attempt === TRIES || !(problem instanceof Passing)) throw problem;
      await sleep(RETRY_MS * attempt);
    }
  }

  private async attempt(method: string, path: string): Promise<Record<string, unknown> | undefined | Error> {
    const { endpoint, token } = this.options;
    const what = `${method} ${endpoint}${path}`;
    try {
      const response = await fetch(`${endpoint}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(30_000),
      });
      if (response.status === 404) return undefined;
      const body = await response.text();
      if (response.ok) return JSON.parse(body) as Record<string, unknown>;
      const passing = response.status === 429 || response.status === 423 || response.status >= 500;
      return new (passing ? Passing : Error)(`${what}: ${response.status} ${body.slice(0, 300)}`);
    } catch (error) {
      return new Passing(`${what}: ${error instanceof Error ? error.message : error}`);
    }
  }
}

/** Worth another try. */
class Passing extends Error {}
