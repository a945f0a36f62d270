import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Qdrant } from "../../components/data/qdrant";
import { Minio } from "../../components/platform/objects";
import { namespaces } from "../unit/components/platform/objects/capabilities";
import { type Recorder, record } from "../unit/components/recorder";
import { run } from "./programs/cache";
import { renderedPod } from "./programs/rendered";

/** No registry has Qdrant's server: what is asked here is whether the CronJob asks every member for every collection. */
describe("the CronJob of Qdrant's snapshots, with a double of its API", () => {
  let made: Recorder;
  let server: Server;
  let url: string;
  let asked: string[];
  let refuse: RegExp | undefined;

  beforeAll(async () => {
    made = await record(() => {
      const shared = { namespaces: namespaces(), storageGiB: 20, storageClass: "hcloud" };
      const objects = new Minio("minio", shared);
      const backup = { objects, bucket: "qdrant-backup", schedule: "0 2 * * *", retentionDays: 9 };
      return new Qdrant("qdrant", { ...shared, replicas: 3, backup });
    });
  });

  beforeEach(async () => {
    asked = [];
    refuse = undefined;
    server = createServer((request, response) => {
      asked.push(`${request.headers["api-key"]} ${request.method} ${request.url}`);
      response.statusCode = refuse?.test(request.url!) ? 403 : 200;
      const collections = [{ name: "docs" }, { name: "notes_2" }];
      response.end(JSON.stringify({ result: { collections }, status: "ok" }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.84.63.1", resolve));
    url = `http://127.84.63.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(() => new Promise((resolve) => server.close(resolve)));

  /** Each member has a path of its own here, as it has a name of its own there. */
  const runJob = () => {
    const { command, environment } = renderedPod(made, "CronJob", "qdrant-snapshots", "containers");
    const members = environment["MEMBERS"]!.replaceAll(/http:\/\/(qdrant-\d)\.\S+/g, `${url}/$1`);
    return run(command[0]!, command.slice(1), { env: { PATH: process.env.PATH, ...environment, MEMBERS: members } });
  };

  it("asks every member for a snapshot of every collection, with the API key", async () => {
    await runJob();
    const key = "made-up-qdrant-api-key-api-key";
    expect(asked).toEqual(
      ["qdrant-0", "qdrant-1", "qdrant-2"].flatMap((member) => [
        `${key} GET /${member}/collections`,
        `${key} POST /${member}/collections/docs/snapshots?wait=true`,
        `${key} POST /${member}/collections/notes_2/snapshots?wait=true`,
      ]),
    );
  });

  it("goes on after a refusal, and fails in the end", async () => {
    refuse = /qdrant-1\/collections\/docs\//;
    await expect(runJob()).rejects.toThrow();
    expect(asked.filter((each) => each.includes("qdrant-2"))).toHaveLength(3);
  });
});
