import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Chart } from "../../../../components/kit/chart";
import {
  applyDefinitions,
  type Definition,
  parseDefinitions,
  readDefinitions,
} from "../../../../components/kit/chart-definitions-apply";
import type { ChartPin } from "../../../../components/kit/charts";
import type { Connection } from "../../../../components/kit/kubernetes-api";
import { certificate } from "../certificate";
import { record } from "../recorder";

const pin: ChartPin = {
  name: "gateway",
  repository: "oci://r.test/charts",
  version: "1.2.3",
  appVersion: "1",
  crds: "folder",
};

describe("a chart with definitions in its folder", () => {
  const made = (chart: ChartPin, kubeconfig?: pulumi.Input<string>) =>
    record(() => new Chart("gate", { chart, source: { kubeconfig }, namespace: "edge", values: {} }));

  it("has them applied before the release, which leaves them alone", async () => {
    const { resources } = await made(pin, pulumi.secret("the kubeconfig"));
    const [chart, definitions, command, release] = ["Chart", "ChartDefinitions", "local:Command", "Release"].map(
      (type) => resources.find((resource) => resource.type.endsWith(`:${type}`)),
    );
    expect(resources).toHaveLength(4);
    expect(definitions).toMatchObject({ name: "gate-definitions", parent: chart?.urn });
    expect(release?.inputs).toMatchObject({ skipCrds: true });
    expect(release?.dependencies).toContain(command?.urn);
    expect(command?.inputs).toMatchObject({
      environment: { CHART: "oci://r.test/charts/gateway", CHART_VERSION: "1.2.3", CHART_REPOSITORY: "" },
      // With a definition goes everything that it defines.
      delete: ":",
      logging: "none",
    });
    // It runs again, in place, when the chart's version in its environment changes.
    expect(command?.inputs).not.toHaveProperty("update");
    expect(command?.inputs).not.toHaveProperty("triggers");
    expect(command?.secrets).toEqual(["environment.KUBECONFIG_CONTENT"]);
  });

  it.each([
    ["for a chart that brings them with its templates", { ...pin, crds: undefined }, "kubeconfig"],
    ["without a kubeconfig", pin, undefined],
  ])("has Helm install them %s", async (_, chart, kubeconfig) => {
    const { resources } = await made(chart, kubeconfig);
    expect(resources.map(({ type }) => type)).toEqual(["orrery:kit:Chart", "kubernetes:helm.sh/v3:Release"]);
    expect(resources[1]?.inputs["skipCrds"]).toBeUndefined();
  });
});

const definition = (name: string): Definition => ({ kind: "CustomResourceDefinition", metadata: { name } });

it("reads the definitions of what helm prints, YAML and JSON, with and without separators, and nothing else", () => {
  const output = `# the first file
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: a.example.test }
spec:
  kind: nested

---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: b.example.test }

# Code generated for the next file
kind: CustomResourceDefinition
metadata:
  name: c.example.test

${JSON.stringify(definition("d.example.test"))}

${JSON.stringify(definition("e.example.test"), null, 2)}

--- # nothing here

---
kind: ConfigMap
metadata: { name: f }
`;
  expect(parseDefinitions(output).map(({ metadata }) => metadata.name)).toEqual(
    ["a", "b", "c", "d", "e"].map((name) => `${name}.example.test`),
  );
});

describe("helm", () => {
  const folder = mkdtempSync(join(tmpdir(), "orrery-helm-"));
  const path = process.env["PATH"];
  const helm = (script: string) => {
    writeFileSync(join(folder, "helm"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, "helm"), 0o755);
    process.env["PATH"] = `${folder}${delimiter}${path}`;
  };
  afterEach(() => {
    process.env["PATH"] = path;
    rmSync(join(folder, "helm"), { force: true });
  });

  it("is asked for the chart's definitions", async () => {
    helm(`echo "{\\"kind\\":\\"CustomResourceDefinition\\",\\"metadata\\":{\\"name\\":\\"$*\\"}}"`);
    const named = async (source: Parameters<typeof readDefinitions>[0]) =>
      (await readDefinitions(source)).map(({ metadata }) => metadata.name);
    expect(await named({ chart: "a", version: "1.0.0", repository: "https://r.test" })).toEqual([
      "show crds a --version 1.0.0 --repo https://r.test",
    ]);
    expect(await named({ chart: "/srv/a-1.0.0.tgz", version: "", repository: "" })).toEqual([
      "show crds /srv/a-1.0.0.tgz",
    ]);
  });

  it("is quoted when it fails", async () => {
    helm("echo 'Error: no such chart' >&2; exit 1");
    await expect(readDefinitions({ chart: "a" })).rejects.toThrow(
      "Chart a: its definitions cannot be read: Error: no such chart",
    );
  });

  it("is named when it is not there", async () => {
    process.env["PATH"] = folder;
    await expect(readDefinitions({ chart: "a" })).rejects.toThrow("helm, which is not on PATH");
  });
});

describe("applying", () => {
  let server: Server;
  let connection: Connection;
  let calls: { method: string; url: string; type?: string; body: string }[];
  let answer: (method: string, count: number) => [status: number, body: object | string];
  const established = { status: { conditions: [{ type: "Established", status: "True" }] } };
  const pending = { status: { conditions: [{ type: "Established", status: "False" }] } };
  const options = { waitSeconds: 20, pauseSeconds: 0.001 };

  beforeEach(async () => {
    calls = [];
    answer = () => [200, established];
    const { cert, key } = await certificate();
    server = createServer(
      { cert, key, ca: cert, requestCert: true, rejectUnauthorized: true },
      async (request, response) => {
        const { method = "", url = "", headers } = request;
        calls.push({ method, url, type: headers["content-type"], body: await text(request) });
        const [status, body] = answer(method, calls.filter((call) => call.method === method).length);
        response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
      },
    );
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as AddressInfo;
    connection = { server: `https://127.0.0.1:${port}`, ca: cert, cert, key };
  });
  afterEach(() => new Promise((closed) => server.close(closed)));

  it("takes each definition over, server-side, and waits until it is served", async () => {
    answer = (method, count) => [200, method === "GET" && count < 3 ? pending : established];
    await applyDefinitions(connection, [definition("a.example.test")], options);
    expect(calls.map(({ method }) => method)).toEqual(["PATCH", "GET", "GET", "GET"]);
    expect(calls[0]).toEqual({
      method: "PATCH",
      url: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/a.example.test?fieldManager=orrery-chart-definitions&force=true",
      type: "application/apply-patch+yaml",
      body: JSON.stringify(definition("a.example.test")),
    });
  });

  it("applies all of them", async () => {
    const names = Array.from({ length: 20 }, (_, index) => `d${index}.example.test`);
    await applyDefinitions(connection, names.map(definition), options);
    const applied = calls.filter(({ method }) => method === "PATCH").map(({ body }) => JSON.parse(body).metadata.name);
    expect(applied.sort()).toEqual(names.sort());
  });

  it("tries again when the API server is busy", async () => {
    answer = (method, count) => (method === "PATCH" && count === 1 ? [429, "later"] : [200, established]);
    await applyDefinitions(connection, [definition("a.example.test")], options);
    expect(calls.map(({ method }) => method)).toEqual(["PATCH", "PATCH", "GET"]);
  });

  it("says at once what the API server refuses", async () => {
    answer = () => [422, "spec.group: Required value"];
    await expect(applyDefinitions(connection, [definition("a.example.test")], options)).rejects.toThrow(
      "definition a.example.test: not applied: 422 spec.group: Required value",
    );
    expect(calls).toHaveLength(1);
  });

  it("gives up on a definition that is never served", async () => {
    answer = () => [200, pending];
    await expect(
      applyDefinitions(connection, [definition("a.example.test")], { ...options, waitSeconds: 0 }),
    ).rejects.toThrow("definition a.example.test: not Established");
  });
});
