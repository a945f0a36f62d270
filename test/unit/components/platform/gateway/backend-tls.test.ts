import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import type { Backend, BackendTls } from "../../../../../components/kit/route";
import {
  type DataPlane,
  EnvoyDataPlane,
  IstioDataPlane,
  NginxDataPlane,
  type PublicGateway,
} from "../../../../../components/platform/gateway";
import { definitionCheck } from "../../definitions";
import { at, kindOf, type Recorder } from "../../recorder";
import { shared } from "../../shared";
import { type Args, gatewayWith } from "./kinds";

const crds = shared("crds", "BackendTLSPolicy against its CustomResourceDefinition");
const tls: BackendTls = {
  hostname: "flows.apps.svc",
  caConfigMap: "internal-ca",
  caPem: pulumi.output("PEM"),
  portName: "https",
};
const planes: Record<string, (args: Args) => DataPlane> = {
  envoy: (args) => new EnvoyDataPlane("envoy", args),
  istio: (args) => new IstioDataPlane("istio", { ...args, kubeconfig: "kubeconfig", mesh: false }),
  nginx: (args) => new NginxDataPlane("nginx", args),
};

/** Two hosts that lead to one backend that speaks TLS. */
const twoRoutes = (backendTls: BackendTls) => (to: PublicGateway, backend: Backend) => {
  to.route("flows", { host: "flows.example.com", backend: { ...backend, tls: backendTls } });
  to.route("other", { host: "other.example.com", backend: { ...backend, tls: backendTls } });
};
const made = (kind: string, use = twoRoutes(tls)): Promise<Recorder> => gatewayWith(planes[kind]!, { use });
const policy = (recorder: Recorder) => recorder.one("BackendTLSPolicy", "flows-https-tls");

describe("a backend that speaks TLS", () => {
  it.each(["envoy", "istio"])("has one policy beside it, before its routes, with %s", async (kind) => {
    const recorder = await made(kind);
    expect(recorder.kind("BackendTLSPolicy")).toHaveLength(1);
    expect(policy(recorder).inputs).toMatchObject({
      metadata: { namespace: "apps" },
      spec: {
        targetRefs: [{ group: "", kind: "Service", name: "flows", sectionName: "https" }],
        validation: {
          hostname: "flows.apps.svc",
          caCertificateRefs: [{ group: "", kind: "ConfigMap", name: "internal-ca" }],
          subjectAltNames: [{ type: "Hostname", hostname: "flows.apps.svc" }],
        },
      },
    });
    for (const name of ["flows", "other"]) {
      expect(recorder.component("orrery:platform:Route", name).dependencies).toContain(policy(recorder).urn);
    }
  });

  it("is waited for where something is said of it before there is a route", async () => {
    const waits = async (kind: string) =>
      at(policy(await made(kind)).inputs, "metadata", "annotations", "pulumi.com/waitFor");
    expect(await waits("istio")).toContain("Accepted");
    expect(await waits("envoy")).toBeUndefined();
  });

  it("is meant as a whole where no port is named", async () => {
    const { portName: _, ...whole } = tls;
    const recorder = await made("envoy", twoRoutes(whole));
    const spec = recorder.one("BackendTLSPolicy", "flows-tls").inputs["spec"];
    expect(at(spec, "targetRefs", 0)).not.toHaveProperty("sectionName");
  });

  it("is known to ingress-nginx by a Secret with the authority and no key", async () => {
    const recorder = await made("nginx");
    expect(recorder.one("Secret", "flows-https-tls").inputs).toMatchObject({
      metadata: { namespace: "apps" },
      stringData: { "ca.crt": "PEM" },
    });
    const prefix = "nginx.ingress.kubernetes.io/";
    expect(at(recorder.one("Ingress", "flows").inputs, "metadata", "annotations")).toMatchObject({
      [`${prefix}backend-protocol`]: "HTTPS",
      [`${prefix}proxy-ssl-secret`]: "apps/flows-https-tls",
      [`${prefix}proxy-ssl-verify`]: "on",
      [`${prefix}proxy-ssl-name`]: "flows.apps.svc",
      [`${prefix}proxy-ssl-server-name`]: "on",
    });
    expect(recorder.component("orrery:platform:Route", "flows").dependencies).toContain(
      recorder.one("Secret", "flows-https-tls").urn,
    );
  });

  it.each([
    [
      "without its authority in PEM with ingress-nginx",
      "nginx",
      twoRoutes({ hostname: "flows.apps.svc", caConfigMap: "internal-ca" }),
      "give `caPem`",
    ],
    [
      "that speaks gRPC with ingress-nginx",
      "nginx",
      (to: PublicGateway, backend: Backend) =>
        to.route("flows", { host: "flows.example.com", protocol: "h2c", backend: { ...backend, tls } }),
      "does not check the certificates of gRPC backends",
    ],
    [
      "behind a TCP route",
      "envoy",
      (to: PublicGateway, backend: Backend) => to.tcpRoute("flows", { port: 7687, backend: { ...backend, tls } }),
      "leave out `tls`",
    ],
  ])("%s is refused", async (_, kind, use, message) => {
    const recorder = gatewayWith(planes[kind]!, { use, listen: { tcpPorts: [7687] } });
    await expect(recorder).rejects.toThrow(message);
  });

  it("is not spoken TLS with unless it says so", async () => {
    const recorder = await made("envoy", (to, backend) => {
      to.route("flows", { host: "flows.example.com", backend });
    });
    expect(recorder.objects().map(kindOf)).not.toContain("BackendTLSPolicy");
  });

  it.skipIf(crds === undefined)("meets the definition", async () => {
    const check = definitionCheck(crds!, "backendtlspolicies.gateway.networking.k8s.io");
    check(policy(await made("envoy")).inputs);
    expect(check.errors ?? []).toEqual([]);
  });
});
