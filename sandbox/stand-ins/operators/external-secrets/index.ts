import type { KubernetesObject, V1Secret } from "@kubernetes/client-node";
import type { Kind } from "../../runtime/cluster";
import { secrets } from "../../runtime/kinds";
import {
  type Condition,
  type Desired,
  type GeneratedSecret,
  handler,
  type Observed,
  type Operator,
  ownedBy,
  withCondition,
} from "../types";

interface StoreResource extends KubernetesObject {
  spec: {
    provider: {
      vault?: { auth?: { kubernetes?: { serviceAccountRef?: { name: string; namespace?: string } } } };
      onepassword?: {
        auth: { secretRef: { connectTokenSecretRef: { name: string; namespace?: string; key: string } } };
      };
    };
  };
  status?: { conditions?: Condition[] };
}

interface ExternalSecret extends KubernetesObject {
  spec: {
    secretStoreRef: { name: string; kind?: string };
    target?: {
      name?: string;
      template?: {
        type?: string;
        metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
        data?: Record<string, string>;
      };
    };
    data?: { secretKey: string; remoteRef: { key: string; property?: string } }[];
  };
  status?: { conditions?: Condition[] };
}

const apiVersion = "external-secrets.io/v1";
const storeKind: Kind = { apiVersion, kind: "SecretStore", plural: "secretstores" };
const clusterStoreKind: Kind = { apiVersion, kind: "ClusterSecretStore", plural: "clustersecretstores" };
const externalSecretKind: Kind = { apiVersion, kind: "ExternalSecret", plural: "externalsecrets" };
const serviceAccounts: Kind = { apiVersion: "v1", kind: "ServiceAccount", plural: "serviceaccounts" };

export const externalSecrets: Operator = {
  name: "external-secrets",
  image: /(^|\/)external-secrets\/external-secrets[:@]/,
  standsInFor: "External Secrets: secrets of a vault, with made-up values",
  children: [],
  handlers: [
    handler<StoreResource>({ kind: storeKind, uses: [serviceAccounts], desired: desiredStore }),
    handler<StoreResource>({ kind: clusterStoreKind, uses: [serviceAccounts], desired: desiredStore }),
    handler<ExternalSecret>({
      kind: externalSecretKind,
      uses: [storeKind, clusterStoreKind],
      desired: desiredExternalSecret,
    }),
  ],
};

/** A store is believed when the credentials that it names are in the cluster; nobody asks whether they open anything. */
export function desiredStore(store: StoreResource, observed: Observed): Desired {
  const missing = missingCredentials(store, observed);
  const condition: Condition =
    missing === undefined
      ? { type: "Ready", status: "True", reason: "Valid", message: "store validated" }
      : { type: "Ready", status: "False", reason: "InvalidProviderConfig", message: missing };
  return { status: { conditions: withCondition(store.status?.conditions, condition, observed.now) } };
}

function missingCredentials({ spec, metadata }: StoreResource, observed: Observed): string | undefined {
  const { vault, onepassword } = spec.provider;
  const at = (namespace: string | undefined): string | undefined => namespace ?? metadata?.namespace;
  const token = onepassword?.auth.secretRef.connectTokenSecretRef;
  if (token !== undefined) {
    const secret = observed.find<V1Secret>(secrets, token.name, at(token.namespace));
    return secret?.data?.[token.key] === undefined
      ? `cannot get Kubernetes secret "${token.name}" from namespace "${at(token.namespace)}"`
      : undefined;
  }
  const account = vault?.auth?.kubernetes?.serviceAccountRef;
  if (account === undefined) return vault === undefined ? "the stand-in does not know this provider" : undefined;
  return observed.find(serviceAccounts, account.name, at(account.namespace)) === undefined
    ? `cannot request Kubernetes service account token: serviceaccounts "${account.name}" not found`
    : undefined;
}

export function desiredExternalSecret(resource: ExternalSecret, observed: Observed): Desired {
  const { name, kind } = resource.spec.secretStoreRef;
  const namespace = resource.metadata!.namespace!;
  const store =
    kind === "ClusterSecretStore"
      ? observed.find<StoreResource>(clusterStoreKind, name)
      : observed.find<StoreResource>(storeKind, name, namespace);
  const ready = store?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true;
  const wanted = secretFor(resource);
  const exists = observed.find(secrets, wanted.metadata.name!, namespace) !== undefined;
  const condition: Condition =
    ready && exists
      ? { type: "Ready", status: "True", reason: "SecretSynced", message: "secret synced" }
      : {
          type: "Ready",
          status: "False",
          reason: "SecretSyncedError",
          message: ready ? "the secret is being written" : `${kind ?? "SecretStore"} "${name}" is not ready`,
        };
  return {
    secrets: ready ? [wanted] : [],
    status: { conditions: withCondition(resource.status?.conditions, condition, observed.now) },
  };
}

/** Each key has a value of its own, made up once. */
function secretFor(resource: ExternalSecret): GeneratedSecret {
  const { target, data = [] } = resource.spec;
  const { name, namespace } = resource.metadata!;
  return {
    make: "password",
    type: target?.template?.type,
    metadata: {
      namespace,
      name: target?.name ?? name,
      labels: {
        ...target?.template?.metadata?.labels,
        "reconcile.external-secrets.io/managed": "true",
      },
      annotations: target?.template?.metadata?.annotations,
      ownerReferences: ownedBy(resource),
    },
    data: (password) => ({
      ...target?.template?.data,
      ...Object.fromEntries(data.map(({ secretKey, remoteRef }) => [secretKey, `${remoteRef.key}-${password}`])),
    }),
  };
}
