import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { utils } from "ssh2";
import { createHetzner, type Hetzner, type HetznerOptions } from "../../../../sandbox/hetzner";
import type { MachineHost, MachineSpec, MachineState } from "../../../../sandbox/machines/types";

/** A machine host that only remembers what it was asked for. */
export class FakeMachines implements MachineHost {
  readonly running = new Map<string, MachineSpec>();
  readonly aliases = new Map<string, string>();
  readonly calls: string[] = [];

  async start(spec: MachineSpec): Promise<void> {
    this.calls.push(`start ${spec.key}`);
    this.running.set(spec.key, structuredClone(spec));
  }

  async update(key: string, change: Partial<Pick<MachineSpec, "privateAddress" | "name">>): Promise<void> {
    this.calls.push(`update ${key}`);
    Object.assign(this.running.get(key) ?? {}, change);
  }

  async stop(key: string): Promise<void> {
    this.calls.push(`stop ${key}`);
    this.running.delete(key);
  }

  async remove(key: string): Promise<void> {
    this.calls.push(`remove ${key}`);
    this.running.delete(key);
  }

  list(): MachineState[] {
    return [...this.running.values()].map((spec) => ({ spec, running: true, stage: "running" }));
  }

  setAlias(privateAddress: string, loopback: string | undefined): void {
    if (loopback === undefined) {
      this.aliases.delete(privateAddress);
    } else {
      this.aliases.set(privateAddress, loopback);
    }
  }

  async close(): Promise<void> {
    this.running.clear();
  }

  /** The machine of a server. */
  of(id: number): MachineSpec | undefined {
    return this.running.get(`server-${id}`);
  }
}

/** Answers are looked at field by field. */
export type Json = ReturnType<typeof JSON.parse>;

export interface Answer {
  status: number;
  body: Json;
  headers: Headers;
}

export interface Cloud {
  machines: FakeMachines;
  hetzner: Hetzner;
  dir: string;
  prefix: string;
  logs: string[];
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** A call that must succeed and whose actions must, too. */
  ok(method: string, path: string, body?: unknown): Promise<Json>;
  /** Status and code of a call that must be refused, and with invalid_input the fields: "422 invalid_input name". */
  refusal(method: string, path: string, body?: unknown): Promise<string>;
  admin(method: string, path: string, body?: unknown): Promise<Json>;
  action(id: number): Promise<Json>;
  restart(options?: Partial<HetznerOptions>): Promise<void>;
  close(): Promise<void>;
}

/** An SSH key. By Node, not by ssh2: one in 256 of the Ed25519 keys that ssh2 1.17 makes is malformed. */
export function sshKey(): { private: string; public: string } {
  const pem = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "sec1", format: "pem" });
  const parsed = utils.parseKey(pem);
  if (parsed instanceof Error) {
    throw parsed;
  }
  return { private: pem.toString(), public: `${parsed.type} ${parsed.getPublicSSH().toString("base64")} test` };
}

let clouds = 0;

/** Every cloud has a loopback network of its own, so that test files can run side by side. */
function ownPrefix(): string {
  clouds += 1;
  return `127.${100 + (process.pid % 100)}.${1 + (clouds % 250)}`;
}

export async function startCloud(options: Partial<HetznerOptions> = {}): Promise<Cloud> {
  const dir = mkdtempSync(join(tmpdir(), "orrery-hetzner-"));
  const prefix = ownPrefix();
  const machines = new FakeMachines();
  const logs: string[] = [];
  const start = (more: Partial<HetznerOptions> = {}) =>
    createHetzner({
      dir,
      host: `${prefix}.1`,
      port: 0,
      token: "secret",
      addressPrefix: prefix,
      machines,
      log: (line) => logs.push(line),
      actionMs: { min: 1, max: 2 },
      rescuePort: 20_022,
      requestsPerHour: 10_000_000,
      ...options,
      ...more,
    });

  const cloud: Cloud = {
    machines,
    dir,
    prefix,
    logs,
    hetzner: await start(),
    call: async (method, path, body, headers = {}) => {
      const response = await fetch(`${cloud.hetzner.endpoint}${path}`, {
        method,
        headers: { authorization: "Bearer secret", "content-type": "application/json", ...headers },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === "" ? undefined : JSON.parse(text), headers: response.headers };
    },
    ok: async (method, path, body) => {
      const answer = await cloud.call(method, path, body);
      if (answer.status >= 300) {
        throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      }
      const { action, actions, next_actions } = answer.body ?? {};
      for (const begun of [action, ...(actions ?? []), ...(next_actions ?? [])].filter(Boolean)) {
        const { status, error } = await cloud.action(begun.id);
        if (status !== "success") {
          throw new Error(`${begun.command}: ${status} ${JSON.stringify(error)}`);
        }
      }
      return answer.body;
    },
    refusal: async (method, path, body) => {
      const answer = await cloud.call(method, path, body);
      const { code, details } = answer.body?.error ?? {};
      const fields = code === "invalid_input" ? details.fields.map((field: { name: string }) => ` ${field.name}`) : [];
      return `${answer.status} ${code}${fields.join("")}`;
    },
    admin: async (method, path, body) => {
      const response = await fetch(`${cloud.hetzner.endpoint.replace("/v1", "/_sandbox")}${path}`, {
        method,
        headers: { "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return text === "" ? undefined : JSON.parse(text);
    },
    action: async (id) => {
      for (;;) {
        const { body } = await cloud.call("GET", `/actions/${id}`);
        if (body.action?.status !== "running") {
          return body.action;
        }
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    },
    restart: async (more) => {
      await cloud.hetzner.close();
      machines.running.clear();
      machines.aliases.clear();
      cloud.hetzner = await start(more);
    },
    close: async () => {
      await cloud.hetzner.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return cloud;
}

export const serverBody = (name: string, more: Record<string, unknown> = {}) => ({
  name,
  server_type: "cpx22",
  image: "debian-12",
  location: "fsn1",
  ...more,
});

/** A network 10.0.0.0/16 with one subnet. */
export async function makeNetwork(cloud: Cloud, name = "net", subnet = "10.0.0.0/24"): Promise<number> {
  const { network } = await cloud.ok("POST", "/networks", {
    name,
    ip_range: "10.0.0.0/16",
    subnets: [{ type: "cloud", ip_range: subnet, network_zone: "eu-central" }],
  });
  return network.id;
}

export async function makeServer(cloud: Cloud, name: string, more: Record<string, unknown> = {}): Promise<number> {
  const { server } = await cloud.ok("POST", "/servers", serverBody(name, more));
  return server.id;
}
