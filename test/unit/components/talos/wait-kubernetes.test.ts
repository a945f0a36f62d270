import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Connection, connectionOf } from "../../../../components/kit/kubernetes-api";
import { kubeconfig } from "../../../../components/talos/admin-config";
import { waitForKubernetes } from "../../../../components/talos/wait-kubernetes";
import { certificate } from "../certificate";

test("the connection is what the kubeconfig says", () => {
  const text = kubeconfig("demo", "198.51.100.1", { caPem: "ca", certificatePem: "certificate", privateKeyPem: "key" });
  expect(connectionOf(text)).toEqual({
    server: "https://198.51.100.1:6443",
    ca: "ca",
    cert: "certificate",
    key: "key",
  });
});

let server: Server;
let answers: [status: number, body: string][];
let paths: string[];
let connection: Connection;
beforeEach(async () => {
  answers = [];
  paths = [];
  const { cert, key } = await certificate();
  server = createServer({ cert, key, ca: cert, requestCert: true, rejectUnauthorized: true }, (request, response) => {
    paths.push(request.url ?? "");
    const [status, body] = answers.shift() ?? [200, "ok"];
    response.writeHead(status).end(body);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  connection = { server: `https://127.0.0.1:${port}`, ca: cert, cert, key };
});
afterEach(() => new Promise((closed) => server.close(closed)));

const options = { waitSeconds: 20, pauseSeconds: 0.001, report: () => undefined };

test("waits until the API server is ready", async () => {
  answers = [
    [500, "[-]etcd failed"],
    [401, "Unauthorized"],
    [200, "ok"],
    [500, "too late"],
  ];
  await waitForKubernetes(connection, options);
  expect(paths).toEqual(["/readyz", "/readyz", "/readyz"]);
});

test("gives up with the last answer, and what to look at", async () => {
  answers = [[500, "[-]etcd failed"]];
  const wait = waitForKubernetes(connection, { ...options, waitSeconds: 0 });
  await expect(wait).rejects.toThrow(/was not ready after 0 s. Last answer: 500 \[-\]etcd failed.*talosctl services/);
});

test("an address where nobody is, is not ready", async () => {
  const nobody = { ...connection, server: "https://127.0.0.1:9" };
  await expect(waitForKubernetes(nobody, { ...options, waitSeconds: 0 })).rejects.toThrow("ECONNREFUSED");
});

test("a server with another authority's certificate is not asked", async () => {
  const { cert } = await certificate();
  const wait = waitForKubernetes({ ...connection, ca: cert }, { ...options, waitSeconds: 0 });
  await expect(wait).rejects.toThrow("was not ready");
  expect(paths).toEqual([]);
});
