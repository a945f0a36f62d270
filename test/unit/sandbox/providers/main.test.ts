import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, it } from "vitest";

const root = resolve(__dirname, "../../../..");
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) {
    child.kill("SIGKILL");
  }
});

async function start() {
  const child = spawn(process.execPath, ["--require", "tsx/cjs", "sandbox/providers/main.ts"], {
    cwd: root,
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.push(child);
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return { child, ports: JSON.parse(line) as Record<string, number> };
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

describe("the providers' process", () => {
  it("says where each provider listens, and ends with its input", async () => {
    const { child, ports } = await start();
    expect(Object.keys(ports).sort()).toEqual(["command", "hcloud", "kubernetes", "random", "tls"]);
    for (const port of Object.values(ports)) {
      expect(await accepts(port)).toBe(true);
    }
    child.stdin.end();
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(await accepts(ports["random"]!)).toBe(false);
  });

  it("ends when it is told to, and not with a Ctrl-C that is meant for the engine", async () => {
    const { child, ports } = await start();
    child.kill("SIGINT");
    expect(await accepts(ports["random"]!)).toBe(true);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  });
});
