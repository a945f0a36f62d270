import { expect, test } from "vitest";
import { parse } from "yaml";
import { kubeconfig, talosconfig } from "../../../../components/talos/admin-config";
import { type EndpointInput, endpoints } from "../../../../components/talos/endpoint";

const resolved = (change: Partial<EndpointInput> = {}) =>
  endpoints({
    controlPlanes: [
      { publicIpv4: "198.51.100.1", privateIp: "10.0.0.10", wireguardIp: "10.200.0.1" },
      { publicIpv4: "198.51.100.2", privateIp: "10.0.0.11" },
    ],
    domain: "example.com",
    extraSans: ["kube.example.com"],
    ...change,
  });
const loadBalancer = { privateIp: "10.0.0.5" };

test.each<[string, Partial<EndpointInput>, { cloud: string; dedicated: string; kubeconfig: string }]>([
  ["no load balancer", {}, { cloud: "10.0.0.10", dedicated: "198.51.100.1", kubeconfig: "198.51.100.1" }],
  ["load balancer", { loadBalancer }, { cloud: "10.0.0.5", dedicated: "198.51.100.1", kubeconfig: "198.51.100.1" }],
  [
    "public load balancer",
    { loadBalancer: { ...loadBalancer, publicIpv4: "198.51.100.9" } },
    { cloud: "10.0.0.5", dedicated: "198.51.100.1", kubeconfig: "198.51.100.9" },
  ],
])("endpoints with %s", (_case, change, expected) => {
  expect(resolved(change)).toMatchObject(expected);
});

test("every address under which the API is reached is in its certificate", () => {
  const input = { loadBalancer: { ...loadBalancer, publicIpv4: "198.51.100.9" } };
  expect(resolved(input).apiServerSans).toEqual([
    "198.51.100.1",
    "10.0.0.10",
    "10.200.0.1",
    "198.51.100.2",
    "10.0.0.11",
    "10.0.0.5",
    "198.51.100.9",
    "api.example.com",
    "kube.example.com",
  ]);
  const { apiServerSans, cloud, dedicated, kubeconfig: host } = resolved(input);
  for (const endpoint of [cloud, dedicated, host]) expect(apiServerSans).toContain(endpoint);
});

test("no control plane is an error", () => {
  expect(() => resolved({ controlPlanes: [] })).toThrow("controlPlane.count");
});

const client = { caPem: "ca", certificatePem: "certificate", privateKeyPem: "key" };
const encoded = { ca: "Y2E=", certificate: "Y2VydGlmaWNhdGU=", key: "a2V5" };

test("talosconfig calls the first control plane unless told otherwise, through any of them", () => {
  expect(parse(talosconfig("demo", ["198.51.100.1", "198.51.100.2"], client))).toEqual({
    context: "demo",
    contexts: {
      demo: {
        endpoints: ["198.51.100.1", "198.51.100.2"],
        nodes: ["198.51.100.1"],
        ca: encoded.ca,
        crt: encoded.certificate,
        key: encoded.key,
      },
    },
  });
});

test("kubeconfig has one context, and it is the current one", () => {
  const config = parse(kubeconfig("demo", "198.51.100.1", client));
  expect(config["current-context"]).toBe("admin@demo");
  expect(config.contexts).toEqual([
    { name: "admin@demo", context: { cluster: "demo", user: "admin@demo", namespace: "default" } },
  ]);
  expect(config.clusters[0].cluster).toEqual({
    server: "https://198.51.100.1:6443",
    "certificate-authority-data": encoded.ca,
  });
  expect(config.users[0].user).toEqual({
    "client-certificate-data": encoded.certificate,
    "client-key-data": encoded.key,
  });
});
