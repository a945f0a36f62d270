import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { metadata } from "../../kit/labels";
import type { SecretHandle, SecretRequest, SecretSource } from "../../kit/secret-source";
import type { ExternalSecrets } from "./external-secrets";

/** Which field of a store's entry holds the value. */
const VAULT_FIELD = "value";

/** Where the operator fetches secrets; what goes into the ClusterSecretStore. */
export type Store =
  | {
      readonly kind: "vault";
      /** `https://host:port`. */
      readonly address: string;
      /** Mount of the KV engine, version 2. */
      readonly path: string;
      /** Mount of the Kubernetes auth method, and the role in it. */
      readonly mount: string;
      readonly role: string;
      /** PEM of the authority behind Vault's certificate. @default - one that everybody knows */
      readonly caPem?: pulumi.Input<string>;
    }
  | {
      readonly kind: "onepassword";
      /** `http://host:port` of the Connect server. */
      readonly host: string;
      /** Vault of 1Password. */
      readonly vault: string;
      /** Field of the items that holds the value. */
      readonly field: string;
      /** Secret with the access token, in the operator's namespace. */
      readonly token: { readonly secretName: string; readonly key: string };
    };

export interface StoreSecretsArgs {
  readonly operator: ExternalSecrets;
  readonly store: Store;
}

/** Secrets that the operator fetches from a store: their values never pass through the program or its state. */
export class StoreSecrets extends Component implements SecretSource {
  private readonly store: k8s.apiextensions.CustomResource;
  private readonly storeName: string;
  private readonly field: string;

  constructor(name: string, args: StoreSecretsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:platform:StoreSecrets", name, opts);
    this.storeName = name;
    this.field = args.store.kind === "vault" ? VAULT_FIELD : args.store.field;
    this.store = new k8s.apiextensions.CustomResource(
      name,
      {
        apiVersion: "external-secrets.io/v1",
        kind: "ClusterSecretStore",
        metadata: metadata(args.operator.identity, { name, annotations: { "pulumi.com/waitFor": "condition=Ready" } }),
        spec: { provider: provider(args) },
      },
      this.child({ customTimeouts: { create: "5m", update: "5m" } }),
    );
    this.registerOutputs({ store: name });
  }

  secret(name: string, request: SecretRequest, opts?: pulumi.CustomResourceOptions): SecretHandle {
    const ready = new k8s.apiextensions.CustomResource(
      name,
      {
        apiVersion: "external-secrets.io/v1",
        kind: "ExternalSecret",
        metadata: metadata(request.owner, {
          name: request.secretName,
          namespace: request.namespace,
          annotations: { "pulumi.com/waitFor": "condition=Ready" },
        }),
        spec: externalSecretSpec(request, { name: this.storeName, field: this.field }),
      },
      pulumi.mergeOptions(opts, { dependsOn: [this.store], customTimeouts: { create: "5m", update: "5m" } }),
    );
    return { secretName: request.secretName, namespace: request.namespace, ready };
  }
}

/** The spec of an ExternalSecret for a request. */
export function externalSecretSpec(request: SecretRequest, store: { readonly name: string; readonly field: string }) {
  return {
    refreshInterval: "1h",
    secretStoreRef: { kind: "ClusterSecretStore", name: store.name },
    target: {
      name: request.secretName,
      // The Secret goes with the ExternalSecret, and stays when an entry is deleted in the store by mistake.
      creationPolicy: "Owner",
      deletionPolicy: "Retain",
      template: {
        type: request.type ?? "Opaque",
        metadata: { labels: metadata(request.owner).labels },
        ...(request.plain === undefined ? {} : { mergePolicy: "Merge", data: { ...request.plain } }),
      },
    },
    data: Object.entries(request.keys).map(([secretKey, key]) => ({
      secretKey,
      remoteRef: { key, property: store.field },
    })),
  };
}

function provider({ store, operator }: StoreSecretsArgs) {
  const namespace = operator.namespace.name;
  if (store.kind === "onepassword") {
    const { secretName, key } = store.token;
    return {
      onepassword: {
        connectHost: store.host,
        vaults: { [store.vault]: 1 },
        auth: { secretRef: { connectTokenSecretRef: { name: secretName, namespace, key } } },
      },
    };
  }
  const serviceAccountRef = { name: operator.serviceAccount, namespace };
  return {
    vault: {
      server: store.address,
      path: store.path,
      version: "v2",
      ...(store.caPem === undefined ? {} : { caBundle: base64(store.caPem) }),
      auth: { kubernetes: { mountPath: store.mount, role: store.role, serviceAccountRef } },
    },
  };
}

function base64(text: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.output(text).apply((pem) => Buffer.from(pem).toString("base64"));
}
