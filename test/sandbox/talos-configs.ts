import "reflect-metadata"; // @peculiar/x509 asks for it
import { generateKeyPairSync, KeyObject, randomBytes, randomInt, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { stringify } from "yaml";

x509.cryptoProvider.set(webcrypto);

/** A key pair and certificate in the PEM forms of @pulumi/tls. */
export interface Authority {
  crt: string;
  key: string;
}

type Algorithm = "ED25519" | "ECDSA";

async function keyPair(algorithm: Algorithm): Promise<webcrypto.CryptoKeyPair> {
  const parameters = algorithm === "ED25519" ? { name: "Ed25519" } : { name: "ECDSA", namedCurve: "P-256" };
  return (await webcrypto.subtle.generateKey(parameters, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
}

const signing = (key: webcrypto.CryptoKey) =>
  key.algorithm.name === "ECDSA" ? { name: "ECDSA", hash: "SHA-256" } : { name: "Ed25519" };

function pem(key: webcrypto.CryptoKey): string {
  const object = KeyObject.from(key);
  const type = object.asymmetricKeyType === "ec" ? "sec1" : "pkcs8";
  return object.export({ type, format: "pem" }) as string;
}

const DAY_MS = 86_400_000;

async function authority(algorithm: Algorithm, subject: string): Promise<Authority> {
  const keys = await keyPair(algorithm);
  const crt = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomBytes(8).toString("hex"),
    name: subject,
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 3650 * DAY_MS),
    signingAlgorithm: signing(keys.privateKey),
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyCertSign, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { crt: `${crt.toString("pem")}\n`, key: pem(keys.privateKey) };
}

/** A client certificate of an Ed25519 authority. */
export async function clientCertificate(ca: Authority, subject: string): Promise<Authority> {
  const keys = await keyPair("ED25519");
  const der = Buffer.from(ca.key.replace(/-----[^-]+-----|\s/g, ""), "base64");
  const signingKey = await webcrypto.subtle.importKey("pkcs8", der, { name: "Ed25519" }, false, ["sign"]);
  const crt = await x509.X509CertificateGenerator.create({
    serialNumber: randomBytes(8).toString("hex"),
    subject,
    issuer: new x509.X509Certificate(ca.crt).subject,
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + DAY_MS),
    publicKey: keys.publicKey,
    signingKey: signingKey,
    signingAlgorithm: { name: "Ed25519" },
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
    ],
  });
  return { crt: `${crt.toString("pem")}\n`, key: pem(keys.privateKey) };
}

const b64 = (s: string): string => Buffer.from(s).toString("base64");
const pick = (n: number): string => Array.from({ length: n }, () => randomInt(36).toString(36)).join("");
const token = (): string => `${pick(6)}.${pick(16)}`;

export interface Secrets {
  os: Authority;
  kubernetes: Authority;
  aggregator: Authority;
  etcd: Authority;
  serviceAccountKey: string;
  clusterId: string;
  clusterSecret: string;
  machineToken: string;
  bootstrapToken: string;
  secretbox: string;
}

export async function makeSecrets(): Promise<Secrets> {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  return {
    os: await authority("ED25519", "O=talos"),
    kubernetes: await authority("ECDSA", "O=kubernetes"),
    aggregator: await authority("ECDSA", "CN=front-proxy"),
    etcd: await authority("ECDSA", "O=etcd"),
    serviceAccountKey: rsa.export({ type: "pkcs1", format: "pem" }) as string,
    clusterId: randomBytes(32).toString("base64").replaceAll("+", "-").replaceAll("/", "_"),
    clusterSecret: randomBytes(32).toString("base64"),
    machineToken: token(),
    bootstrapToken: token(),
    secretbox: randomBytes(32).toString("base64"),
  };
}

export interface MachineConfigOptions {
  type: "controlplane" | "worker";
  hostname: string;
  /** Host of the cluster's endpoint. */
  endpoint: string;
  nodeSubnet?: string;
  certSANs?: string[];
  /** Merged over the machine section. */
  machine?: Record<string, unknown>;
  /** Merged over the cluster section. */
  cluster?: Record<string, unknown>;
  documents?: Record<string, unknown>[];
}

const pair = ({ crt, key }: Authority, withKey: boolean) => ({ crt: b64(crt), key: withKey ? b64(key) : "" });

/** A machine config in the form of the program's own. */
export function machineConfig(s: Secrets, options: MachineConfigOptions): string {
  const controlPlane = options.type === "controlplane";
  const machine = {
    type: options.type,
    token: s.machineToken,
    ca: pair(s.os, controlPlane),
    certSANs: options.certSANs ?? [],
    kubelet: {
      image: "ghcr.io/siderolabs/kubelet:v1.35.0",
      defaultRuntimeSeccompProfileEnabled: true,
      disableManifestsDirectory: true,
      nodeIP: { validSubnets: [options.nodeSubnet ?? "10.0.0.0/16"] },
    },
    install: {
      disk: "/dev/sda",
      image:
        "factory.talos.dev/hcloud-installer/376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba:v1.12.1",
    },
    features: { kubePrism: { enabled: true, port: 7445 }, hostDNS: { enabled: true } },
    ...options.machine,
  };
  const cluster = {
    id: s.clusterId,
    secret: s.clusterSecret,
    controlPlane: { endpoint: `https://${options.endpoint}:6443` },
    clusterName: "test",
    network: {
      dnsDomain: "cluster.local",
      podSubnets: ["10.244.0.0/16"],
      serviceSubnets: ["10.96.0.0/12"],
      cni: { name: "none" },
    },
    token: s.bootstrapToken,
    ca: pair(s.kubernetes, controlPlane),
    discovery: { enabled: true, registries: { kubernetes: { disabled: true }, service: {} } },
    ...(controlPlane ? controlPlaneSection(s, options.endpoint) : {}),
    ...options.cluster,
  };
  const hostname = { apiVersion: "v1alpha1", kind: "HostnameConfig", hostname: options.hostname };
  return [{ version: "v1alpha1", machine, cluster }, hostname, ...(options.documents ?? [])]
    .map((d) => stringify(d))
    .join("---\n");
}

function controlPlaneSection(s: Secrets, endpoint: string): Record<string, unknown> {
  return {
    secretboxEncryptionSecret: s.secretbox,
    aggregatorCA: pair(s.aggregator, true),
    serviceAccount: { key: b64(s.serviceAccountKey) },
    etcd: { ca: pair(s.etcd, true), advertisedSubnets: ["10.0.0.0/16"] },
    proxy: { disabled: true },
    apiServer: {
      image: "registry.k8s.io/kube-apiserver:v1.35.0",
      certSANs: [endpoint],
      admissionControl: [
        {
          name: "PodSecurity",
          configuration: {
            apiVersion: "pod-security.admission.config.k8s.io/v1alpha1",
            kind: "PodSecurityConfiguration",
            defaults: {
              enforce: "baseline",
              "enforce-version": "latest",
              warn: "restricted",
              "warn-version": "latest",
            },
            exemptions: { namespaces: ["kube-system"], runtimeClasses: [], usernames: [] },
          },
        },
      ],
      auditPolicy: { apiVersion: "audit.k8s.io/v1", kind: "Policy", rules: [{ level: "Metadata" }] },
    },
  };
}

/** An administrator's talosconfig, or that of another role. */
export async function talosconfig(
  s: Secrets,
  endpoints: string[],
  nodes: string[],
  role = "os:admin",
): Promise<string> {
  const { crt, key } = await clientCertificate(s.os, `O=${role}`);
  const context = { endpoints, nodes, ca: b64(s.os.crt), crt: b64(crt), key: b64(key) };
  return stringify({ context: "test", contexts: { test: context } });
}
