import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { minioSource } from "../../components/observability/sources/minio";
import { Minio, minioSignals } from "../../components/platform/objects";
import { repository, toolsDirectory } from "../../sandbox/paths";
import { createProgress } from "../../sandbox/progress";
import { issueCertificate } from "../../sandbox/stand-ins/operators/certificates";
import { ensureTools } from "../../sandbox/tools/build";
import { testToolModules } from "../../sandbox/tools/catalog";
import { consumer, fakeCertificates, namespaces } from "../unit/components/platform/objects/capabilities";
import { type Recorder, record } from "../unit/components/recorder";
import { run } from "./programs/cache";
import { renderedContainer } from "./programs/rendered";

const address = "127.84.60.1";
const host = "minio.storage.svc";

/** The store of an environment, with a bucket of each kind. */
async function render(): Promise<{ made: Recorder; dnsNames: readonly string[] }> {
  const { certificates, asked } = fakeCertificates();
  const made = await record(() => {
    const minio = new Minio("minio", {
      namespaces: namespaces(),
      certificates,
      storageGiB: 20,
      storageClass: "hcloud",
    });
    minio.bucket("images", { consumer: consumer("shop"), versioning: true, expireDays: 30, noncurrentDays: 3 });
    minio.declare("reports", { access: "readonly" });
    minio.declare("small", { quotaGiB: 1, expireDays: 7 });
    minio.declare("records", { versioning: true, lockDays: 2 });
  });
  return { made, dnsNames: asked[0]!.dnsNames };
}

describe("MinIO, as rendered", () => {
  let folder: string;
  let made: Recorder;
  let server: ChildProcess;
  let log = "";
  let common: NodeJS.ProcessEnv;

  /** The Job's script, with MinIO's client; the second time nothing may be different. */
  async function runJob(bucket: string): Promise<string> {
    const { command, environment } = renderedContainer(made, "Job", `bucket-${bucket}`);
    expect(command.slice(0, 2)).toEqual(["/bin/sh", "-ec"]);
    return run("/bin/sh", ["-ec", command[2]!.replaceAll("/tmp/", `${folder}/tmp/`)], {
      env: { ...common, ...environment, MC_CONFIG_DIR: `${folder}/mc`, SSL_CERT_FILE: `${folder}/certs/ca.crt` },
    });
  }

  /** MinIO's client with a bucket's own keys, or the administrator's. */
  function client(user: string, ...args: string[]): Promise<string> {
    const { environment } = renderedContainer(made, "Job", `bucket-${user === "root" ? "images" : user}`);
    const [name, password] =
      user === "root"
        ? [environment["LOGIN_USER"], environment["LOGIN_PASSWORD"]]
        : [environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]];
    return run("mcli", ["--json", ...args], {
      env: {
        ...common,
        MC_CONFIG_DIR: `${folder}/mc-${user}`,
        SSL_CERT_FILE: `${folder}/certs/ca.crt`,
        MC_HOST_store: `https://${name}:${password}@${host}:9000`,
      },
    });
  }

  const refused = async (attempt: Promise<string>) => {
    await expect(attempt).rejects.toThrow(/Access Denied|AccessDenied|not allowed|Insufficient permissions/i);
  };

  beforeAll(async () => {
    const minio = testToolModules(repository).filter(({ name }) => name === "minio");
    await ensureTools(createProgress(process.stderr), minio);
    folder = await mkdtemp(path.join(tmpdir(), "orrery-minio-"));
    const rendered = await render();
    made = rendered.made;
    await Promise.all(
      ["bin", "tmp", "drives", "certs/CAs"].map((each) => mkdir(`${folder}/${each}`, { recursive: true })),
    );
    await symlink(path.join(toolsDirectory, "mc"), `${folder}/bin/mcli`);
    await symlink(path.join(toolsDirectory, "minio"), `${folder}/bin/silo`);
    await writeCertificates(`${folder}/certs`, rendered.dnsNames);
    await writeFile(`${folder}/file`, "content");
    common = {
      HOME: folder,
      PATH: `${folder}/bin:/usr/bin:/bin`,
      // The name is the Service's, as the certificate has it; only where it leads to is this machine's.
      MC_RESOLVE: `${host}:9000=${address}`,
    };
    const { command, environment } = renderedContainer(made, "StatefulSet", "minio");
    server = spawn("silo", [...onThisMachine(command.slice(1), folder), "--address", `${address}:9000`], {
      env: { ...common, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [server.stdout!, server.stderr!]) stream.on("data", (data) => (log += String(data)));
    await ready(
      () => client("root", "ready", "store"),
      () => log,
    );
  }, 20 * 60_000);

  afterAll(async () => {
    if (server?.exitCode === null) {
      server.kill("SIGTERM");
      await once(server, "exit");
    }
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  it("makes every bucket by its Job, and a second time as well", { timeout: 120_000 }, async () => {
    for (const bucket of ["images", "reports", "small", "records"]) {
      await runJob(bucket);
      await runJob(bucket);
    }
    const names = lines(await client("root", "ls", "store")).map(({ key }) => key);
    expect(names).toEqual(["images/", "records/", "reports/", "small/"]);
  });

  it("lets a bucket's keys read, write and remove in it, and nothing elsewhere", async () => {
    await client("images", "cp", `${folder}/file`, "store/images/one");
    expect(await client("images", "cat", "store/images/one")).toContain("content");
    await client("images", "rm", "store/images/one");
    await refused(client("images", "cp", `${folder}/file`, "store/small/one"));
    await refused(client("images", "ls", "store/small"));
    await refused(client("small", "ls", "store/images"));
  });

  it("does not let them change, open or remove their bucket, or make keys", async () => {
    await refused(client("images", "anonymous", "set", "public", "store/images"));
    await refused(client("images", "version", "suspend", "store/images"));
    await refused(client("images", "ilm", "rule", "rm", "--all", "--force", "store/images"));
    await refused(client("images", "rb", "--force", "store/images"));
    await refused(client("images", "admin", "user", "svcacct", "add", "store", "images"));
    await refused(client("images", "admin", "user", "ls", "store"));
  });

  it("keeps read-only keys from writing and removing", async () => {
    await client("root", "cp", `${folder}/file`, "store/reports/one");
    expect(await client("reports", "cat", "store/reports/one")).toContain("content");
    await refused(client("reports", "cp", `${folder}/file`, "store/reports/two"));
    await refused(client("reports", "rm", "store/reports/one"));
  });

  it("has the versions, the lifecycle, the lock and the quota that are declared", async () => {
    expect(await client("root", "version", "info", "store/images")).toMatch(/"status":\s*"Enabled"/);
    expect(await client("root", "version", "info", "store/small")).not.toMatch(/"status":\s*"Enabled"/);
    const images = await client("root", "ilm", "export", "store/images");
    expect(images).toMatch(/"Days":\s*30/);
    expect(images).toMatch(/"NoncurrentDays":\s*3/);
    const small = await client("root", "ilm", "export", "store/small");
    expect(small).toMatch(/"Days":\s*7/);
    expect(small).not.toContain("Noncurrent");
    expect(await client("root", "quota", "info", "store/small")).toContain("1073741824");
    const records = await client("root", "retention", "info", "--default", "store/records");
    expect(records).toMatch(/"mode":\s*"GOVERNANCE"/);
    expect(records).toMatch(/"validity":\s*"2DAYS"/);
  });

  it("does not let locked versions be removed", async () => {
    await client("records", "cp", `${folder}/file`, "store/records/one");
    await expect(client("records", "rm", "--versions", "--force", "store/records/one")).rejects.toThrow(
      /WORM|lock|denied/i,
    );
    expect(await client("records", "cat", "store/records/one")).toContain("content");
  });

  it("answers no question without TLS, and none without keys", async () => {
    const plain = await fetch(`http://${address}:9000/minio/health/ready`);
    expect(plain.status).toBe(400);
    await expect(
      run("mcli", ["ls", "store/images"], {
        env: {
          ...common,
          MC_HOST_store: `https://${host}:9000`,
          SSL_CERT_FILE: `${folder}/certs/ca.crt`,
          MC_CONFIG_DIR: `${folder}/mc-nobody`,
        },
      }),
    ).rejects.toThrow(/denied/i);
  });

  it("exports the metrics that the signals and the dashboard ask for", async () => {
    const metrics = await run("curl", [
      ...["--silent", "--cacert", `${folder}/certs/ca.crt`, "--resolve", `${host}:9000:${address}`],
      `https://${host}:9000/minio/metrics/v3`,
    ]);
    // Errors, and what is under way, are counted from the first one on.
    const notYet = /errors|inflight|waiting/;
    const asked = [...minioSignals.metrics, ...minioSource.metrics].filter((name) => !notYet.test(name));
    expect(asked.filter((name) => !metrics.includes(`\n${name}`))).toEqual([]);
    expect(metrics).toMatch(/\nminio_api_requests_\w*errors_total/);
  });
});

/** Its files as the Secret's volume has them. */
async function writeCertificates(folder: string, dnsNames: readonly string[]): Promise<void> {
  const authority = await issueCertificate({ commonName: "test", dnsNames: [], isAuthority: true, validDays: 2 });
  const request = { commonName: host, dnsNames: [...dnsNames], isAuthority: false, validDays: 2 };
  const pair = await issueCertificate(request, authority);
  await writeFile(`${folder}/public.crt`, pair.certificatePem);
  await writeFile(`${folder}/private.key`, pair.privateKeyPem);
  await writeFile(`${folder}/CAs/internal.crt`, authority.certificatePem);
  await writeFile(`${folder}/ca.crt`, authority.certificatePem);
}

/** The pod's paths and ports, on this machine. */
function onThisMachine(args: readonly string[], folder: string): string[] {
  return args.map((arg) =>
    arg === "/certs"
      ? `${folder}/certs`
      : arg.startsWith("/drives/")
        ? folder + arg
        : arg === ":9001"
          ? `${address}:9001`
          : arg,
  );
}

async function ready(ask: () => Promise<unknown>, log: () => string): Promise<void> {
  for (let turn = 0; turn < 120; turn += 1) {
    if (
      await ask().then(
        () => true,
        () => false,
      )
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`MinIO does not get ready:\n${log()}`);
}

function lines(output: string): Record<string, string>[] {
  return output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, string>);
}
