import type { V1Pod } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { credentialsOf } from "../../../../sandbox/stand-ins/hetzner/credentials";
import { readyPods } from "../../../../sandbox/stand-ins/runtime/presence";

function pod(network = true): V1Pod {
  const from = (key: string) => ({ valueFrom: { secretKeyRef: { name: "hcloud", key } } });
  const env = [
    { name: "HCLOUD_TOKEN", ...from("token") },
    ...(network ? [{ name: "HCLOUD_NETWORK", ...from("network") }] : []),
  ];
  return {
    metadata: { namespace: "kube-system" },
    spec: { containers: [{ name: "main", image: "docker.io/hetznercloud/hcloud-csi-driver:v2", env }] },
  };
}

const secret = (data: Record<string, string>) => (name: string, namespace: string) =>
  name === "hcloud" && namespace === "kube-system"
    ? {
        data: Object.fromEntries(
          Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString("base64")]),
        ),
      }
    : undefined;

describe("credentialsOf", () => {
  it.each([
    ["token and network", pod(), { token: "abc\n", network: "7" }, { token: "abc", network: "7" }],
    ["no networking", pod(false), { token: "abc", network: "7" }, { token: "abc", network: undefined }],
    ["a key that is missing", pod(), { network: "7" }, undefined],
    ["an empty token", pod(), { token: "" }, undefined],
  ])("%s", (_, subject, data, expected) => {
    expect(credentialsOf(subject, secret(data as unknown as Record<string, string>))).toEqual(expected);
  });
});

describe("readyPods", () => {
  const ready = (status: string, more: object = {}): V1Pod => ({
    ...pod(),
    metadata: more,
    status: { conditions: [{ type: "Ready", status }] },
  });
  const image = /(^|\/)hcloud-csi-driver[:@]/;
  it.each([
    ["a ready one", [ready("True")], 1],
    ["one that is not", [ready("False")], 0],
    ["one that is on its way out", [ready("True", { deletionTimestamp: new Date(0) })], 0],
    ["one without status", [pod()], 0],
  ])("counts %s as %#", (_, pods, count) => expect(readyPods(pods, image)).toHaveLength(count));

  it("looks at the image's whole name", () => {
    expect(readyPods([ready("True")], /(^|\/)csi-driver[:@]/)).toEqual([]);
  });
});
