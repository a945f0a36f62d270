import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { usersOf, volumesApi } from "../../../../../components/platform/storage/volumes-api";
import { certificate } from "../../certificate";

describe("volumesApi", () => {
  it("asks, deletes and patches as the kubeconfig's user, and says what was refused", async () => {
    const { cert, key } = await certificate();
    const asked: string[] = [];
    const answers: [number, string][] = [];
    const server = createServer(
      { cert, key, ca: cert, requestCert: true, rejectUnauthorized: true },
      async (request, response) => {
        const body = await text(request);
        asked.push([request.method, request.url, request.headers["content-type"], body].filter(Boolean).join(" "));
        const [status, answer] = answers.shift()!;
        response.writeHead(status).end(answer);
      },
    );
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as AddressInfo;
    const api = volumesApi({ server: `https://127.0.0.1:${port}`, ca: cert, cert, key });
    const claim = { metadata: { namespace: "vec", name: "data-qdrant-0" } };
    const volume = { metadata: { name: "pvc-1" }, spec: {} };

    answers.push([200, JSON.stringify({ items: [volume] })], [200, JSON.stringify({ items: [claim] })]);
    expect(await api.volumes()).toEqual([volume]);
    expect(await api.claims("vec")).toEqual([claim]);
    answers.push([200, "{}"], [404, "gone"], [200, "{}"]);
    await api.deleteClaim(claim);
    await api.deleteClaim(claim);
    await api.releaseVolume(volume);
    answers.push([403, "forbidden"], [409, "changed"]);
    await expect(api.pods("vec")).rejects.toThrow("GET /api/v1/namespaces/vec/pods: 403 forbidden");
    await expect(api.releaseVolume(volume)).rejects.toThrow("409 changed");

    const path = "/api/v1/namespaces/vec/persistentvolumeclaims";
    const patch =
      'PATCH /api/v1/persistentvolumes/pvc-1 application/merge-patch+json {"spec":{"persistentVolumeReclaimPolicy":"Delete"}}';
    expect(asked).toEqual([
      "GET /api/v1/persistentvolumes",
      `GET ${path}`,
      `DELETE ${path}/data-qdrant-0`,
      `DELETE ${path}/data-qdrant-0`,
      patch,
      "GET /api/v1/namespaces/vec/pods",
      patch,
    ]);
    await new Promise((closed) => server.close(closed));
  });
});

describe("usersOf", () => {
  const pod = (name: string, phase: string, ...claims: string[]) => ({
    metadata: { namespace: "vec", name },
    spec: { volumes: [{}, ...claims.map((claimName) => ({ persistentVolumeClaim: { claimName } }))] },
    status: { phase },
  });

  it("names the pods of each claim, but for those that have ended", () => {
    const users = usersOf([
      pod("a", "Running", "data", "logs"),
      pod("b", "Pending", "data"),
      pod("c", "Succeeded", "old"),
      pod("d", "Failed", "old"),
      { metadata: { namespace: "vec", name: "e" }, spec: {} },
    ]);
    expect(Object.fromEntries(users)).toEqual({ "vec/data": ["a", "b"], "vec/logs": ["a"] });
  });
});
