import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DataRemoval } from "../../../../../components/platform/storage/data-removal";
import { deleteData, serviceData } from "../../../../../components/platform/storage/delete-data";
import { environmentData, KEEP_ANNOTATION } from "../../../../../components/platform/storage/remove-volumes";
import { letGo } from "../../../../../components/platform/storage/volumes-api";
import { record } from "../../recorder";
import { FakeVolumes } from "./cluster";

const qdrant = serviceData("vec", "data-qdrant-[0-9]+");

async function run(api: FakeVolumes, waitSeconds = 20): Promise<string[]> {
  const said: string[] = [];
  await deleteData(api, qdrant, { waitSeconds, pauseSeconds: 0.001, report: (line) => said.push(line) });
  return said;
}

describe("deleteData", () => {
  it("deletes the service's claims and volumes, and nobody else's", async () => {
    const api = new FakeVolumes();
    api.add("vec/data-qdrant-0");
    api.add("vec/data-qdrant-1", { claim: false });
    for (const key of ["vec/my-data-qdrant-0", "vec/data-qdrant-0-copy", "db/data-qdrant-0"]) api.add(key);
    const others = api.left().claims.slice(1);
    expect(await run(api)).toEqual(["deleting 1 claims and 2 volumes, with everything on them"]);
    expect(api.left()).toEqual({ claims: others, volumes: others });
    // The volume first: one whose claim goes while it is to be retained would stay.
    expect(api.log.indexOf("release volume-data-qdrant-0")).toBeLessThan(api.log.indexOf("delete vec/data-qdrant-0"));
  });

  it("does nothing where there is nothing", async () => {
    const api = new FakeVolumes();
    expect(await run(api, 0)).toEqual(["there is no data to delete"]);
    expect(api.log).toEqual([]);
  });

  it("leaves what a pod uses on its way out, and says so", async () => {
    const api = new FakeVolumes();
    api.add("vec/data-qdrant-0");
    api.add("vec/data-qdrant-1");
    api.held.add("vec/data-qdrant-0");
    expect(await run(api)).toContain(
      "claim vec/data-qdrant-0 and its volume go with the pods that still use it: pod-of-data-qdrant-0",
    );
    expect(api.left().claims).toEqual(["vec/data-qdrant-0"]);
    api.held.clear();
    await api.volumes();
    expect(api.left()).toEqual({ claims: [], volumes: [] });
  });

  it("names what does not go, and asks again whom it could not ask", async () => {
    const api = new FakeVolumes();
    api.add("vec/data-qdrant-0");
    await expect(run(api, 0)).rejects.toThrow(
      /no pod uses it:\n {2}claim vec\/data-qdrant-0\n {2}volume volume-data-qdrant-0 of claim vec\/data-qdrant-0/,
    );
    api.failures.push("ECONNREFUSED", "ECONNREFUSED");
    await run(api);
    expect(api.left().volumes).toEqual([]);
    api.failures.push("ECONNREFUSED");
    await expect(run(api, 0)).rejects.toThrow(/does not answer as it should \(ECONNREFUSED\)/);
  });
});

describe("the data of an environment that ends", () => {
  it("is every claim of the namespaces, and every volume of the drivers but those that somebody keeps", async () => {
    const api = new FakeVolumes();
    api.add("vec/data-qdrant-0");
    api.add("db/postgres-1", { claim: false });
    api.add("apps/mine");
    api.add("db/kept", { claim: false, annotations: { [KEEP_ANNOTATION]: "true" } });
    api.add("db/other", { claim: false, by: "somebody.else" });
    await letGo(api, environmentData(["csi.hetzner.cloud"], ["vec", "db"]));
    await api.volumes();
    // Nobody but its owner deletes a claim elsewhere; its volume goes with it from now on.
    expect(api.left()).toEqual({ claims: ["apps/mine"], volumes: ["apps/mine", "db/kept", "db/other"] });
    expect(api.log).toContain("release volume-mine");
  });
});

describe("DataRemoval", () => {
  it("runs once, when it is made, and keeps the kubeconfig secret", async () => {
    const made = await record(
      () =>
        new DataRemoval("delete-all-data-of-qdrant", {
          namespace: "vec",
          claims: "data-qdrant-[0-9]+",
          kubeconfig: "kubeconfig",
        }),
    );
    const command = made.resources.find(({ type }) => type === "command:local:Command")!;
    expect(command.name).toBe("delete-all-data-of-qdrant");
    expect(command.inputs).toMatchObject({
      update: ":",
      environment: { NAMESPACE: "vec", CLAIMS: "data-qdrant-[0-9]+" },
    });
    expect(command.inputs["delete"]).toBeUndefined();
    expect(existsSync(String(command.inputs["create"]).split(" ").at(-1)!)).toBe(true);
    expect(command.secrets).toEqual(["stdin"]);
  });
});
