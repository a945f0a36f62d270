import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ModelCaches } from "../../components/inference/cache";
import { cachedModel } from "../../components/inference/cache/plan";
import { Minio } from "../../components/platform/objects";
import { toolsDirectory } from "../../sandbox/paths";
import { COMMIT, model, service } from "../unit/components/inference/cache/services";
import { namespaces } from "../unit/components/platform/objects/capabilities";
import { type Recorder, record } from "../unit/components/recorder";
import { run } from "./programs/cache";
import { FakeHub, sha256 } from "./programs/hub";
import { pythonMissing } from "./programs/python";
import { renderedContainer, renderedContainers } from "./programs/rendered";
import { ensurePrograms, renderedFile, until } from "./programs/servers";

const address = "127.84.71.2";
const missing = pythonMissing();
const tiny = model("tiny", { source: { repository: "test/tiny", revision: COMMIT } });
const embeddings = service("embeddings", tiny, ["gpu-1", "gpu-2"]);

describe.skipIf(missing !== undefined)(
  `models in a bucket${missing === undefined ? "" : ` (skipped: ${missing})`}`,
  () => {
    const hub = new FakeHub(address);
    const weights = randomBytes(2_000_001);
    const files = {
      "config.json": { content: Buffer.from("{}\n") },
      "sub folder/model.safetensors": { content: weights, lfs: true },
    };
    let folder: string;
    let made: Recorder;
    let server: ChildProcess;
    let common: NodeJS.ProcessEnv;

    /** Every container of a machine's Job, one after the other, as the kubelet runs them. */
    async function runJob(machine: string): Promise<string> {
      const name = `fetch-tiny-${machine}-${cachedModel(tiny).key}`;
      const disk = path.join(folder, machine);
      await mkdir(disk, { recursive: true });
      let output = "";
      for (const { command, environment } of renderedContainers(made, "Job", name)) {
        const [program, ...args] = command.map((word) => word.replace("/etc/orrery", `${folder}/scripts`));
        output += await run(program!, args, {
          env: {
            ...common,
            ...environment,
            ...("CACHE" in environment ? { CACHE: disk } : { HERE: environment["HERE"]!.replace("/models", disk) }),
            MC_CONFIG_DIR: `${folder}/mc`,
            PAUSE_SECONDS: "0.05",
            TERMINATION_LOG: `${folder}/why`,
          },
        });
      }
      return output;
    }

    const directory = (machine: string) => path.join(folder, machine, "tiny", cachedModel(tiny).key);
    const weightsOf = (machine: string) => readFile(path.join(directory(machine), "sub folder", "model.safetensors"));

    function root(...args: string[]): Promise<string> {
      const { environment } = renderedContainer(made, "Job", "bucket-models");
      const user = `${environment["LOGIN_USER"]}:${environment["LOGIN_PASSWORD"]}`;
      return run("mcli", args, {
        env: { ...common, MC_CONFIG_DIR: `${folder}/mc-root`, MC_HOST_store: `http://${user}@minio.storage.svc:9000` },
      });
    }

    const inBucket = (file: string) => `store/models/tiny/${cachedModel(tiny).key}/${file}`;

    beforeAll(async () => {
      await ensurePrograms("minio");
      await hub.start();
      hub.repositories.set("test/tiny", { commit: COMMIT, files });
      folder = await mkdtemp(path.join(tmpdir(), "orrery-model-bucket-"));
      made = await record(() => {
        const shared = namespaces();
        const objects = new Minio("minio", { namespaces: shared, storageGiB: 20, storageClass: "x" });
        new ModelCaches("model-cache", {
          namespaces: shared,
          environment: "prod",
          storage: { local: "local-path" },
          services: [embeddings],
          hubEndpoint: hub.url,
          bucket: { objects, name: "models" },
        });
      });
      await Promise.all(["bin", "scripts", "drive", "tmp"].map((each) => mkdir(path.join(folder, each))));
      for (const file of ["hub.py", "models.py"]) {
        await writeFile(path.join(folder, "scripts", file), renderedFile(made, "model-cache", file));
      }
      await symlink(path.join(toolsDirectory, "mc"), `${folder}/bin/mcli`);
      common = {
        HOME: folder,
        PATH: `${folder}/bin:${process.env["PATH"]}`,
        MC_RESOLVE: `minio.storage.svc:9000=${address}`,
      };
      const job = renderedContainer(made, "Job", "bucket-models");
      server = spawn(
        path.join(toolsDirectory, "minio"),
        ["server", `${folder}/drive`, "--address", `${address}:9000`],
        {
          env: {
            ...common,
            MINIO_ROOT_USER: job.environment["LOGIN_USER"],
            MINIO_ROOT_PASSWORD: job.environment["LOGIN_PASSWORD"],
          },
          stdio: "ignore",
        },
      );
      await until(async () => (await fetch(`http://${address}:9000/minio/health/ready`)).ok, "MinIO");
      await run("/bin/sh", ["-ec", job.command[2]!.replaceAll("/tmp/", `${folder}/tmp/`)], {
        env: { ...common, ...job.environment, MC_CONFIG_DIR: `${folder}/mc-job` },
      });
    }, 20 * 60_000);

    afterAll(async () => {
      await hub.stop();
      if (server?.exitCode === null) {
        server.kill("SIGTERM");
        await once(server, "exit");
      }
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    });

    it("do not come out of it before somebody put them there", async () => {
      await expect(runJob("gpu-2")).rejects.toThrow(
        /is not in the bucket: the Job that fetches it for another machine/,
      );
      expect(existsSync(directory("gpu-2"))).toBe(false);
    });

    it("go in with the first machine, which fetches them from the Hub", { timeout: 120_000 }, async () => {
      const output = await runJob("gpu-1");
      expect(output).toContain("is not in the bucket yet");
      expect(await weightsOf("gpu-1")).toEqual(weights);
      expect(hub.asked.length).toBeGreaterThan(0);
      expect(await root("cat", inBucket("config.json"))).toBe("{}\n");
      expect(JSON.parse(await root("cat", inBucket(".orrery.json"))).commit).toBe(COMMIT);
    });

    it("come out of it on the second one, which asks nobody else", { timeout: 120_000 }, async () => {
      hub.asked.length = 0;
      await runJob("gpu-2");
      expect(await weightsOf("gpu-2")).toEqual(weights);
      expect(await readdir(directory("gpu-2"))).toEqual(await readdir(directory("gpu-1")));
      expect(hub.asked).toEqual([]);
    });

    it("are left alone the second time", { timeout: 120_000 }, async () => {
      hub.asked.length = 0;
      for (const machine of ["gpu-1", "gpu-2"]) {
        const output = await runJob(machine);
        expect(output).toContain("is there already");
        expect(output).toContain("all as they should be");
      }
      expect(hub.asked).toEqual([]);
    });

    it("come back from it where a disk is new, and the Hub is asked for the list alone", {
      timeout: 120_000,
    }, async () => {
      await rm(path.join(folder, "gpu-1"), { recursive: true });
      hub.asked.length = 0;
      await runJob("gpu-1");
      expect(await weightsOf("gpu-1")).toEqual(weights);
      expect(hub.asked.map(({ path: asked }) => asked)).toEqual([
        `/api/models/test/tiny/tree/${COMMIT}?recursive=true`,
      ]);
    });

    it("are refused where the bucket's content is not what its manifest says", { timeout: 120_000 }, async () => {
      await rm(path.join(folder, "gpu-2"), { recursive: true });
      const bad = Buffer.from(weights);
      bad[7]! ^= 1;
      await writeFile(`${folder}/bad`, bad);
      await root("cp", "--quiet", `${folder}/bad`, inBucket("sub folder/model.safetensors"));
      await expect(runJob("gpu-2")).rejects.toThrow(
        `sub folder/model.safetensors of test/tiny at ${COMMIT}: expected SHA-256 ${sha256(weights)}, got ${sha256(bad)}`,
      );
      expect(existsSync(directory("gpu-2"))).toBe(false);
    });

    it("are fetched from the Hub by the first machine where the bucket has something else", {
      timeout: 120_000,
    }, async () => {
      await rm(path.join(folder, "gpu-1"), { recursive: true });
      await runJob("gpu-1");
      expect(await weightsOf("gpu-1")).toEqual(weights);
      // And what is in the bucket is put right.
      await runJob("gpu-2");
      expect(await weightsOf("gpu-2")).toEqual(weights);
    });

    it("say on the second machine that there is no space, before they are copied", { timeout: 120_000 }, async () => {
      await rm(path.join(folder, "gpu-2"), { recursive: true });
      const manifest = JSON.parse(await root("cat", inBucket(".orrery.json")));
      manifest.files["config.json"].size = 2 ** 60;
      await writeFile(`${folder}/manifest`, JSON.stringify(manifest));
      await root("cp", "--quiet", `${folder}/manifest`, inBucket(".orrery.json"));
      await expect(runJob("gpu-2")).rejects.toThrow(/no space for test\/tiny: 1073741824\.0 GiB/);
      expect(await readdir(path.join(`${directory("gpu-2")}.partial`, "files"))).toEqual([".orrery.json"]);
    });
  },
);
