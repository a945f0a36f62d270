import { beforeAll, describe, expect, it } from "vitest";
import { ExistingNamespace } from "../../../../../components/kit/namespace";
import type { OidcClient, SignIn } from "../../../../../components/kit/sign-in";
import { NginxDataPlane } from "../../../../../components/platform/gateway";
import { at, type Recorder } from "../../recorder";
import { gatewayWith, type Wish } from "./kinds";

const gateway = (wish: Wish) => gatewayWith((args) => new NginxDataPlane("nginx", args), wish);
const values = (made: Recorder) => made.releases().find(({ name }) => name === "ingress-nginx")!.inputs["values"];
const ingress = (made: Recorder, name: string) => made.one("Ingress", name).inputs;
const annotations = (made: Recorder, name: string) => at(ingress(made, name), "metadata", "annotations");
const n = (key: string) => `nginx.ingress.kubernetes.io/${key}`;

describe("a gateway of ingress-nginx", () => {
  let made: Recorder;
  beforeAll(async () => {
    made = await gateway({
      listen: { tcpPorts: [5432, 990] },
      use: (to, backend) => {
        to.route("flows", { host: "flows.example.com", backend });
        to.tcpRoute("database", { port: 5432, backend });
        to.tcpRoute("files", { port: 990, backend });
      },
    });
  });

  it("listens above port 1024, where the load balancer sends to", () => {
    const ports = at(made.one("Service", "gateway-load-balancer").inputs, "spec", "ports");
    expect(ports).toMatchObject([
      { port: 80, targetPort: 8080 },
      { port: 443, targetPort: 8443 },
      { port: 990, targetPort: 8990 },
      { port: 5432, targetPort: 5432 },
    ]);
    expect(at(values(made), "controller", "containerPort")).toEqual({ http: 8080, https: 8443 });
    expect(at(values(made), "controller", "extraArgs")).toMatchObject({ "http-port": "8080", "https-port": "8443" });
  });

  it("is selected by the load balancer as the chart labels it", () => {
    expect(at(made.one("Service", "gateway-load-balancer").inputs, "spec", "selector")).toEqual({
      "app.kubernetes.io/name": "ingress-nginx",
      "app.kubernetes.io/instance": "ingress-nginx",
      "app.kubernetes.io/component": "controller",
    });
    expect(at(values(made), "controller", "service", "enabled")).toBe(false);
  });

  it("is installed after the load balancer whose addresses it writes into Ingresses", () => {
    const balancer = made.one("Service", "gateway-load-balancer");
    const controller = made.component("orrery:platform:NginxController", "nginx");
    expect(controller.dependencies).toContain(balancer.urn);
    expect(at(values(made), "controller", "extraArgs", "publish-service")).toBe("gateway/gateway-load-balancer");
  });

  it("opens its paths before the chart, whose jobs talk to the API server", () => {
    const release = made.releases().find(({ name }) => name === "ingress-nginx")!;
    const selectors = made
      .kind("CiliumNetworkPolicy")
      .filter(({ name }) => name.startsWith("nginx-"))
      .map(({ inputs, urn }) => ({ spec: inputs["spec"], urn }));
    const chart = made.component("orrery:kit:Chart", "ingress-nginx");
    for (const { urn } of selectors) expect([...chart.dependencies, ...release.dependencies]).toContain(urn);
    expect(
      selectors.map(({ spec }) => at(spec, "endpointSelector", "matchLabels", "app.kubernetes.io/component")).sort(),
    ).toEqual(["admission-webhook", "controller", "controller"]);
    expect(JSON.stringify(selectors)).toContain('"port":"9443"');
    expect(at(values(made), "controller", "admissionWebhooks", "port")).toBe(9443);
  });

  it("makes an Ingress of a route, in the backend's namespace", () => {
    expect(ingress(made, "flows")).toMatchObject({
      metadata: { namespace: "apps" },
      spec: {
        ingressClassName: "orrery-gateway",
        rules: [
          {
            host: "flows.example.com",
            http: {
              paths: [
                { path: "/", pathType: "Prefix", backend: { service: { name: "flows", port: { number: 8080 } } } },
              ],
            },
          },
        ],
      },
    });
    expect(annotations(made, "flows")).toEqual({ [n("proxy-read-timeout")]: "60", [n("proxy-send-timeout")]: "60" });
  });

  it("shows the wildcard's certificate to everyone, which no Ingress could find", () => {
    const secret = at(values(made), "controller", "extraArgs", "default-ssl-certificate");
    expect(secret).toBe("gateway/example-com-tls");
    expect(at(ingress(made, "flows"), "spec", "tls")).toEqual([{ hosts: ["flows.example.com"] }]);
  });

  it("writes each TCP port into the one ConfigMap, with the PROXY protocol taken off", () => {
    expect(at(values(made), "controller", "extraArgs", "tcp-services-configmap")).toBe("gateway/tcp-services");
    const map = made.resources.filter(({ type }) => type === "kubernetes:core/v1:ConfigMap");
    expect(map).toHaveLength(1);
    const patches = made.resources.filter(({ type }) => type === "kubernetes:core/v1:ConfigMapPatch");
    expect(patches.map(({ inputs }) => inputs["data"])).toEqual([
      { "5432": "apps/flows:8080:PROXY" },
      { "8990": "apps/flows:8080:PROXY" },
    ]);
    for (const patch of patches) {
      expect(patch.inputs["metadata"]).toMatchObject({ name: "tcp-services", namespace: "gateway" });
      expect(patch.dependencies).toContain(map[0]!.urn);
    }
  });
});

describe("without PROXY protocol, without TCP ports", () => {
  it("takes connections as they are", async () => {
    const made = await gateway({ size: { proxyProtocol: false } });
    expect(at(values(made), "controller", "config", "use-proxy-protocol")).toBe("false");
    expect(at(values(made), "controller", "extraArgs")).not.toHaveProperty("tcp-services-configmap");
    expect(made.kind("ConfigMap")).toEqual([]);
  });
});

describe("a certificate for each host", () => {
  it("is refused: nginx shows one", async () => {
    const made = gateway({ listen: { certificates: "each-host", hosts: ["a.example.com", "b.example.com"] } });
    await expect(made).rejects.toThrow("set orrery:certificates.mode to wildcard");
  });
});

describe("a route's wishes", () => {
  it("become annotations", async () => {
    const made = await gateway({
      use: (to, backend) => {
        to.route("vectors", { host: "vectors.example.com", backend, protocol: "h2c", timeoutSeconds: 300 });
        to.route("streams", { host: "streams.example.com", backend, path: "/v1", timeoutSeconds: 0 });
      },
    });
    expect(annotations(made, "vectors")).toEqual({
      [n("backend-protocol")]: "GRPC",
      [n("proxy-read-timeout")]: "300",
      [n("proxy-send-timeout")]: "300",
    });
    expect(annotations(made, "streams")).toEqual({
      [n("proxy-read-timeout")]: "3600",
      [n("proxy-send-timeout")]: "3600",
      [n("proxy-buffering")]: "off",
      [n("proxy-request-buffering")]: "off",
    });
    expect(at(ingress(made, "streams"), "spec", "rules", 0, "http", "paths", 0, "path")).toBe("/v1");
  });

  it("of passwords lead to the Secret with them", async () => {
    const made = await gateway({
      use: (to, backend) => {
        const signIn: SignIn = { kind: "basic", secretName: "people", ready: backend.namespace };
        to.route("flows", { host: "flows.example.com", backend, signIn });
      },
    });
    expect(annotations(made, "flows")).toMatchObject({
      [n("auth-type")]: "basic",
      [n("auth-secret")]: "people",
      [n("auth-secret-type")]: "auth-file",
    });
  });
});

describe("sign-in with an identity provider", () => {
  const client = (ready: OidcClient["ready"], more: Partial<OidcClient> = {}): OidcClient => ({
    issuer: "https://auth.example.com/realms/orrery",
    clientId: "flows",
    secretName: "flows-oidc",
    secretNamespace: "apps",
    provider: { namespace: "auth", labels: { app: "keycloak" }, instance: "keycloak" },
    endpoints: {
      authorization: "https://auth.example.com/authorize",
      token: "http://keycloak.auth.svc:8081/token",
      keys: "http://keycloak.auth.svc:8081/keys",
    },
    ready,
    ...more,
  });
  const signedIn = (more: { readonly passToken?: boolean } = {}) =>
    gateway({
      use: (to, backend) => {
        const signIn: SignIn = { kind: "oidc", client: client(backend.namespace), groups: ["admins"], ...more };
        to.route("flows", { host: "flows.example.com", backend, signIn });
      },
    });
  const proxy = (made: Recorder) => at(made.one("Deployment", "flows-sign-in").inputs, "spec", "template", "spec");
  const environment = (made: Recorder) =>
    Object.fromEntries(
      (at(proxy(made), "containers", 0, "env") as { name: string; value: string }[]).map(({ name, value }) => [
        name,
        value,
      ]),
    );

  it("asks a proxy beside the backend about each request, and sends browsers to it", async () => {
    const made = await signedIn();
    expect(annotations(made, "flows")).toMatchObject({
      [n("auth-url")]: "http://flows-sign-in.apps.svc.cluster.local:4180/oauth2/auth",
      [n("auth-signin")]: "https://$host/oauth2/start?rd=$escaped_request_uri",
    });
    const pages = ingress(made, "flows-sign-in");
    expect(at(pages, "metadata", "namespace")).toBe("apps");
    expect(at(pages, "spec", "rules")).toMatchObject([
      {
        host: "flows.example.com",
        http: { paths: [{ path: "/oauth2", backend: { service: { name: "flows-sign-in", port: { number: 4180 } } } }] },
      },
    ]);
    expect(annotations(made, "flows-sign-in")).not.toHaveProperty(n("auth-url"));
  });

  it("passes the person's token on where the backend asks for it", async () => {
    const headers = n("auth-response-headers");
    expect(annotations(await signedIn(), "flows")).toMatchObject({
      [headers]: expect.not.stringContaining("Authorization"),
    });
    const made = await signedIn({ passToken: true });
    expect(annotations(made, "flows")).toMatchObject({ [headers]: expect.stringContaining("Authorization") });
    expect(environment(made)).toMatchObject({ OAUTH2_PROXY_SET_AUTHORIZATION_HEADER: "true" });
  });

  it("takes secrets from files, and says who may come in", async () => {
    const made = await signedIn();
    expect(environment(made)).toMatchObject({
      OAUTH2_PROXY_OIDC_ISSUER_URL: "https://auth.example.com/realms/orrery",
      OAUTH2_PROXY_REDIRECT_URL: "https://flows.example.com/oauth2/callback",
      OAUTH2_PROXY_ALLOWED_GROUPS: "admins",
      OAUTH2_PROXY_CLIENT_SECRET_FILE: "/etc/oauth2-proxy/client/client-secret",
      OAUTH2_PROXY_COOKIE_SECRET_FILE: "/etc/oauth2-proxy/cookie/cookie-secret",
    });
    expect(Object.keys(environment(made)).filter((name) => name.endsWith("_SECRET"))).toEqual([]);
    expect(at(proxy(made), "volumes")).toMatchObject([
      { name: "client", secret: { secretName: "flows-oidc" } },
      { name: "cookie", secret: { secretName: "flows-sign-in-cookie" } },
    ]);
    const cookie = made.one("Secret", "flows-sign-in-cookie");
    expect(cookie.secrets).toContain("stringData");
    const password = made.resources.find(({ name }) => name === "flows-sign-in-cookie-cookie-secret")!;
    expect(password.inputs).toMatchObject({ length: 32, special: false });
  });

  it("asks the provider inside the cluster, and browsers outside", async () => {
    const made = await signedIn();
    expect(environment(made)).toMatchObject({
      OAUTH2_PROXY_SKIP_OIDC_DISCOVERY: "true",
      OAUTH2_PROXY_LOGIN_URL: "https://auth.example.com/authorize",
      OAUTH2_PROXY_REDEEM_URL: "http://keycloak.auth.svc:8081/token",
      OAUTH2_PROXY_OIDC_JWKS_URL: "http://keycloak.auth.svc:8081/keys",
    });
    expect(made.one("NetworkPolicy", "flows-sign-in-to-keycloak-oidc-egress").inputs["spec"]).toMatchObject({
      egress: [{ ports: [{ port: 8081, protocol: "TCP" }] }],
    });
  });

  it("cannot be in a namespace of others", async () => {
    const made = gateway({
      use: (to, backend) => {
        const namespace = new ExistingNamespace("kube-system");
        const signIn: SignIn = { kind: "oidc", client: client(namespace, { secretNamespace: "kube-system" }) };
        to.route("flows", { host: "flows.example.com", backend: { ...backend, namespace }, signIn });
      },
    });
    await expect(made).rejects.toThrow("kube-system is not a namespace of this program");
  });
});
