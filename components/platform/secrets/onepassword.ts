import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { Chart, type ChartSource, type ChartValues } from "../../kit/chart";
import { charts } from "../../kit/charts";
import { type Identity, metadata, type PodIdentity } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";
import { openPath, openWorld } from "../../kit/network-policy";
import { after } from "../../kit/options";
import { priorities } from "../../kit/priorities";
import { resources } from "../../kit/sizes";
import type { ExternalSecrets } from "./external-secrets";

const PORT = 8080;
const CREDENTIALS_KEY = "1password-credentials.json";
const TOKEN_KEY = "token";

export interface OnePasswordConnectArgs {
  readonly charts: ChartSource;
  /** The operator that asks it, in whose namespace it runs. */
  readonly operator: ExternalSecrets;
  /** Content of 1password-credentials.json. */
  readonly credentials: string;
  /** Access token of the operator. */
  readonly token: string;
}

/** 1Password's Connect server: holds the vaults that it may read, encrypted, and answers the operator alone. */
export class OnePasswordConnect extends Component {
  /** `http://host:port` inside the cluster. */
  readonly host: string;
  /** Where the operator finds its token. */
  readonly token: { readonly secretName: string; readonly key: string };

  constructor(name: string, args: OnePasswordConnectArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.operator.namespace;
    super("orrery:platform:OnePasswordConnect", name, after(opts, namespace));
    const identity = connectIdentity(name, namespace);
    this.host = `http://${name}.${namespace.name}.svc:${PORT}`;
    this.token = { secretName: `${name}-token`, key: TOKEN_KEY };

    const secrets = this.createSecrets(name, identity, args);
    this.openPaths(name, identity, args.operator);
    new Chart(
      name,
      {
        chart: charts.onePasswordConnect,
        source: args.charts,
        namespace: namespace.name,
        values: onePasswordConnectValues(name),
      },
      this.child({ dependsOn: secrets }),
    );

    this.registerOutputs({ host: this.host });
  }

  private createSecrets(name: string, identity: Identity, args: OnePasswordConnectArgs): pulumi.Resource[] {
    const secret = (suffix: string, key: string, value: pulumi.Output<string>) =>
      new k8s.core.v1.Secret(
        `${name}-${suffix}`,
        {
          metadata: metadata(identity, { name: `${name}-${suffix}`, namespace: identity.domain }),
          type: "Opaque",
          stringData: { [key]: value },
        },
        this.child(),
      );
    return [
      secret("credentials", CREDENTIALS_KEY, pulumi.secret(args.credentials).apply(sessionOf)),
      secret("token", TOKEN_KEY, pulumi.secret(args.token)),
    ];
  }

  private openPaths(name: string, owner: Identity, operator: ExternalSecrets): void {
    const pods = connectPods(name, owner);
    openPath(
      `${name}-operator`,
      { from: operator.pods, to: pods, ports: [{ name: "http", port: PORT }], owner },
      this.child(),
    );
    openWorld(`${name}-world`, { pods, owner, egress: [{ name: "https", port: 443 }] }, this.child());
  }
}

/** The server takes the file's content in base64; what is base64 already stays. */
export function sessionOf(credentials: string): string {
  return credentials.trimStart().startsWith("{") ? Buffer.from(credentials).toString("base64") : credentials.trim();
}

function connectIdentity(name: string, namespace: DomainNamespace): Identity {
  const { appVersion } = charts.onePasswordConnect;
  return { name: "connect", instance: name, component: "connect", domain: namespace.name, version: appVersion };
}

/** The chart knows its pods by two labels of its own. */
function connectPods(name: string, owner: Identity): PodIdentity {
  return {
    namespace: owner.domain,
    labels: { app: name, "app.kubernetes.io/component": "connect" },
    instance: name,
  };
}

/** Values of Connect's chart, without the operator of its own. */
export function onePasswordConnectValues(name: string): ChartValues {
  return {
    connect: {
      applicationName: name,
      host: name,
      credentialsName: `${name}-credentials`,
      credentialsKey: CREDENTIALS_KEY,
      priorityClassName: priorities.platform.name,
      // The chart's own request is a number, so ours is one too: 50 millicores.
      api: { resources: { requests: { cpu: 0.05, memory: "64Mi" }, limits: { memory: "192Mi" } } },
      sync: { resources: { ...resources(25, 64, 192) } },
    },
    operator: { create: false },
  };
}
