import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Certificates } from "../../kit/certificates";
import { imageReference, images, imageVersion } from "../../kit/images";
import { type Identity, metadata } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";
import { openWorld } from "../../kit/network-policy";
import { after } from "../../kit/options";
import { priorities } from "../../kit/priorities";
import type { SecretHandle } from "../../kit/secret-source";
import { Service, type ServiceName, serviceIdentity } from "../../kit/service";
import { resources } from "../../kit/sizes";
import type { HetznerSolver } from "./issuers";

const NAME = "cert-manager-webhook-hetzner";
const GROUP = "acme.hetzner.com";
const VERSION = "v1alpha1";
const SOLVER = "hetzner";
const PORT = 8443;
const TOKEN_DIRECTORY = "/var/run/secrets/hetzner";

export interface HetznerDnsSolverArgs {
  /** cert-manager's namespace. */
  readonly namespace: DomainNamespace;
  /** ServiceAccount that may call the solver. */
  readonly caller: string;
  /** Token of the Hetzner Cloud project that holds the zone. */
  readonly token: SecretHandle;
  readonly tokenKey: string;
  readonly certificates: Pick<Certificates, "internal">;
  /** Certificate of the authority that signs the solver's, in PEM. */
  readonly authorityPem: pulumi.Input<string>;
}

/**
 * Hetzner's solver of DNS-01 challenges: an extension of the Kubernetes API that cert-manager calls, which writes the
 * record into the zone. It reads its token from a file, so it needs no right to read Secrets.
 */
export class HetznerDnsSolver extends Component {
  readonly solver: HetznerSolver;

  constructor(
    private readonly args: HetznerDnsSolverArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("orrery:platform:HetznerDnsSolver", NAME, after(opts, args.namespace));
    const about: ServiceName = {
      software: NAME,
      component: "acme-solver",
      version: imageVersion(images.certManagerWebhookHetzner),
      namespace: args.namespace,
    };
    const identity = serviceIdentity(NAME, about);
    const permissions = this.createPermissions(identity);
    const service = this.createService(about, identity, permissions);
    this.createApi(identity, service);
    this.solver = { groupName: GROUP, solverName: SOLVER, tokenFilePath: `${TOKEN_DIRECTORY}/token` };

    this.registerOutputs({ groupName: GROUP, solverName: SOLVER });
  }

  private createService(about: ServiceName, identity: Identity, permissions: pulumi.Resource[]): Service {
    const { args } = this;
    const namespace = args.namespace.name;
    const certificate = args.certificates.internal(
      `${NAME}-tls`,
      { namespace, owner: identity, dnsNames: [`${NAME}.${namespace}.svc`] },
      this.child(),
    );
    const service = new Service(
      NAME,
      {
        ...about,
        image: imageReference(images.certManagerWebhookHetzner),
        args: ["--tls-cert-file=/tls/tls.crt", "--tls-private-key-file=/tls/tls.key", `--secure-port=${PORT}`],
        ports: [
          { name: "https", port: PORT },
          { name: "metrics", port: 8080 },
        ],
        environment: { GROUP_NAME: GROUP },
        volumes: {
          secrets: [
            { name: "certificate", path: "/tls", secret: certificate.secretName },
            {
              name: "token",
              path: TOKEN_DIRECTORY,
              secret: args.token.secretName,
              items: { token: args.tokenKey },
            },
          ],
        },
        resources: resources(20, 64, 128),
        probes: {
          ready: { http: "/healthz", port: "https", tls: true },
          live: { http: "/healthz", port: "https", tls: true },
        },
        metrics: { port: "metrics" },
        priorityClass: priorities.platform.name,
        kubernetesApi: {
          reason: "it asks the API server who calls, as every extension of the API does",
          webhookPorts: [PORT],
        },
      },
      this.child({ dependsOn: [certificate.ready, args.token.ready, ...permissions] }),
    );
    openWorld(
      `${NAME}-world`,
      { pods: service.pods, owner: identity, egress: [{ name: "https", port: 443 }] },
      this.child(),
    );
    return service;
  }

  /** What every extension of the API may, and who may call this one. */
  private createPermissions(identity: Identity): pulumi.Resource[] {
    const namespace = this.args.namespace.name;
    const clusterRole = (name: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name });
    const self = [{ kind: "ServiceAccount", name: NAME, namespace }];
    const caller = new k8s.rbac.v1.ClusterRole(
      `${NAME}-caller`,
      {
        metadata: metadata(identity, { name: `${NAME}:caller` }),
        rules: [{ apiGroups: [GROUP], resources: [SOLVER], verbs: ["create"] }],
      },
      this.child(),
    );
    return [
      new k8s.rbac.v1.ClusterRoleBinding(
        `${NAME}-caller`,
        {
          metadata: metadata(identity, { name: `${NAME}:caller` }),
          roleRef: clusterRole(`${NAME}:caller`),
          subjects: [{ kind: "ServiceAccount", name: this.args.caller, namespace }],
        },
        this.child({ dependsOn: [caller] }),
      ),
      new k8s.rbac.v1.ClusterRoleBinding(
        `${NAME}-auth-delegator`,
        {
          metadata: metadata(identity, { name: `${NAME}:auth-delegator` }),
          roleRef: clusterRole("system:auth-delegator"),
          subjects: self,
        },
        this.child(),
      ),
      new k8s.rbac.v1.RoleBinding(
        `${NAME}-authentication-reader`,
        {
          metadata: metadata(identity, { name: `${NAME}:authentication-reader`, namespace: "kube-system" }),
          roleRef: { ...clusterRole("extension-apiserver-authentication-reader"), kind: "Role" },
          subjects: self,
        },
        this.child(),
      ),
    ];
  }

  private createApi(identity: Identity, service: Service): void {
    new k8s.apiregistration.v1.APIService(
      NAME,
      {
        metadata: metadata(identity, { name: `${VERSION}.${GROUP}` }),
        spec: {
          group: GROUP,
          version: VERSION,
          groupPriorityMinimum: 1000,
          versionPriority: 15,
          service: { name: NAME, namespace: this.args.namespace.name, port: PORT },
          caBundle: pulumi.output(this.args.authorityPem).apply((pem) => Buffer.from(pem).toString("base64")),
        },
      },
      this.child({ dependsOn: [service] }),
    );
  }
}
