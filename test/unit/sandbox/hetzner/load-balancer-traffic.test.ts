import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Cloud, type Json, makeNetwork, makeServer, startCloud } from "./support";

const listenPort = 26_443;
const targetPort = 26_444;

/** A target that says who it is and echoes. */
function target(host: string, name: string): Promise<{ server: Server; received: Buffer[] }> {
  const received: Buffer[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.write(`${name}\n`);
    socket.on("data", (data) => {
      received.push(data);
      socket.write(data);
    });
  });
  return new Promise((resolve) => server.listen(targetPort, host, () => resolve({ server, received })));
}

/** The first thing that a connection hears; "refused" when there is none, "closed" when it ends silently. */
function hear(host: string, port = listenPort, say?: string, until = "\n"): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const socket: Socket = connect(port, host);
    if (say) {
      socket.write(say);
    }
    socket.on("data", (data) => {
      text += data;
      if (text.includes(until)) {
        socket.destroy();
        resolve(text.trim());
      }
    });
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED" ? "refused" : "closed"));
    socket.on("end", () => resolve("closed"));
  });
}

describe("traffic through a load balancer", () => {
  let cloud: Cloud;
  let lb: Json;
  let net: number;
  const servers: number[] = [];
  const listening: Server[] = [];

  beforeEach(async () => {
    cloud = await startCloud();
    servers.length = 0;
    net = await makeNetwork(cloud);
    for (const name of ["one", "two"]) {
      servers.push(await makeServer(cloud, name, { networks: [net], labels: { role: "web" } }));
    }
    ({ load_balancer: lb } = await cloud.ok("POST", "/load_balancers", {
      name: "lb",
      load_balancer_type: "lb11",
      location: "fsn1",
      network: net,
      services: [{ protocol: "tcp", listen_port: listenPort, destination_port: targetPort }],
    }));
  });
  afterEach(async () => {
    for (const server of listening.splice(0)) {
      server.close();
    }
    await cloud.close();
  });

  const post = (command: string, body: unknown = {}) =>
    cloud.ok("POST", `/load_balancers/${lb.id}/actions/${command}`, body);
  const addServer = (id: number) => post("add_target", { type: "server", server: { id }, use_private_ip: true });
  const publicIp = () => lb.public_net.ipv4.ip;
  const listen = async (index: number) => {
    const started = await target(cloud.machines.of(servers[index] ?? 0)?.address ?? "", `target ${index}`);
    listening.push(started.server);
    return started;
  };

  it("is closed when no target serves the port, and flows once one does", async () => {
    await addServer(servers[0] ?? 0);
    expect(await hear(publicIp())).toBe("closed");
    const { received } = await listen(0);
    expect(await hear(publicIp(), listenPort, "hello\n", "hello")).toBe("target 0\nhello");
    expect(Buffer.concat(received).toString()).toBe("hello\n");
  });

  const health = async () =>
    (await cloud.ok("GET", `/load_balancers/${lb.id}`)).load_balancer.targets.map(
      (each: Json) => each.health_status[0].status,
    );
  const becomes = (...expected: string[]) => expect.poll(health, { timeout: 10_000 }).toEqual(expected);

  it("goes to the targets in turn and leaves out the one that is down", async () => {
    await addServer(servers[0] ?? 0);
    await addServer(servers[1] ?? 0);
    await listen(0);
    await listen(1);
    await becomes("healthy", "healthy");
    const heard = new Set([await hear(publicIp()), await hear(publicIp())]);
    expect(heard).toEqual(new Set(["target 0", "target 1"]));
    await cloud.ok("POST", `/servers/${servers[0]}/actions/poweroff`);
    expect(new Set([await hear(publicIp()), await hear(publicIp())])).toEqual(new Set(["target 1"]));
  });

  it("reaches the private address through its alias, also without a public interface", async () => {
    await addServer(servers[0] ?? 0);
    await listen(0);
    const { load_balancer } = await cloud.ok("GET", `/load_balancers/${lb.id}`);
    const alias = cloud.machines.aliases.get(load_balancer.private_net[0].ip) ?? "";
    expect(alias).toMatch(new RegExp(`^${cloud.prefix}\\.`));
    expect(await hear(alias)).toBe("target 0");
    await post("disable_public_interface");
    expect(await hear(publicIp())).toBe("refused");
    expect(await hear(alias)).toBe("target 0");
    await post("enable_public_interface");
    expect(await hear(publicIp())).toBe("target 0");
    await post("detach_from_network", { network: net });
    expect(await hear(alias)).toBe("refused");
    expect(cloud.machines.aliases.size).toBe(0);
  });

  it("follows label selectors and addresses of dedicated machines", async () => {
    await post("add_target", { type: "label_selector", label_selector: { selector: "role=web" } });
    await listen(1);
    expect(await hear(publicIp())).toBe("target 1");
    await post("remove_target", { type: "label_selector", label_selector: { selector: "role=web" } });
    expect(await hear(publicIp())).toBe("closed");
    const dedicated = `${cloud.prefix}.252`;
    await post("add_target", { type: "ip", ip: { ip: dedicated } });
    listening.push((await target(dedicated, "dedicated")).server);
    expect(await hear(publicIp())).toBe("dedicated");
  });

  it("tells each target's health", async () => {
    await addServer(servers[0] ?? 0);
    await addServer(servers[1] ?? 0);
    await listen(0);
    await becomes("healthy", "unhealthy");
  });

  it("follows changes of a service", async () => {
    await addServer(servers[0] ?? 0);
    const { received } = await listen(0);
    await post("add_service", {
      protocol: "tcp",
      listen_port: listenPort + 10,
      destination_port: targetPort,
      proxyprotocol: true,
    });
    await hear(publicIp(), listenPort + 10, "x", "x");
    expect(Buffer.concat(received).subarray(0, 12).toString("hex")).toBe("0d0a0d0a000d0a515549540a");
    await post("update_service", { listen_port: listenPort, destination_port: targetPort + 100 });
    expect(await hear(publicIp())).toBe("closed");
    await post("delete_service", { listen_port: listenPort });
    expect(await hear(publicIp())).toBe("refused");
  });

  it("comes back after a restart and ends with the load balancer", async () => {
    await addServer(servers[0] ?? 0);
    await cloud.restart();
    await listen(0);
    expect(await hear(publicIp())).toBe("target 0");
    expect(cloud.machines.aliases.size).toBe(1);
    const open = connect(listenPort, publicIp());
    await once(open, "data");
    const ended = new Promise((resolve) => open.once("close", resolve));
    await cloud.ok("DELETE", `/load_balancers/${lb.id}`);
    await ended;
    expect(await hear(publicIp())).toBe("refused");
    expect(cloud.machines.aliases.size).toBe(0);
  });
});
