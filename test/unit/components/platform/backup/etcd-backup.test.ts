import { describe, expect, it } from "vitest";
import { EtcdBackup } from "../../../../../components/platform/backup";
import { Minio } from "../../../../../components/platform/objects";
import { at, record } from "../../recorder";
import { fakeCertificates, namespaces } from "../objects/capabilities";

const ageRecipient = "age1khpnnl86pzx96ttyjmldptsl5yn2v9jgmmzcjcufvk00ttkph9zs0ytgec";

function create(encrypted = false) {
  return record(() => {
    const spaces = namespaces();
    const certificates = encrypted ? fakeCertificates().certificates : undefined;
    new EtcdBackup("etcd-backup", {
      namespaces: spaces,
      objects: new Minio("minio", { namespaces: spaces, certificates, storageGiB: 10, storageClass: "x" }),
      bucket: "etcd-backup",
      cluster: "demo",
      schedule: "0 * * * *",
      retentionDays: 14,
      ageRecipient,
    });
  });
}

const pod = (made: Awaited<ReturnType<typeof create>>) =>
  at(made.one("CronJob", "etcd-backup").inputs, "spec", "jobTemplate", "spec", "template", "spec");

function environment(made: Awaited<ReturnType<typeof create>>): Record<string, unknown> {
  const list = at(pod(made), "containers", 0, "env") as { name: string; value?: string; valueFrom?: unknown }[];
  return Object.fromEntries(list.map(({ name, value, valueFrom }) => [name, value ?? valueFrom]));
}

describe("EtcdBackup", () => {
  it("encrypts for the recipient, and never sends anything else", async () => {
    const variables = environment(await create());
    expect(variables["AGE_X25519_PUBLIC_KEY"]).toBe(ageRecipient);
    expect(variables).not.toHaveProperty("DISABLE_ENCRYPTION");
  });

  it("goes to its bucket with the bucket's own keys", async () => {
    const variables = environment(await create());
    expect(variables).toMatchObject({
      BUCKET: "etcd-backup",
      CLUSTER_NAME: "demo",
      AWS_REGION: "us-east-1",
      CUSTOM_S3_ENDPOINT: "http://minio.storage.svc:9000",
      AWS_SECRET_ACCESS_KEY: { secretKeyRef: { name: "bucket-etcd-backup", key: "AWS_SECRET_ACCESS_KEY" } },
    });
    expect(variables).not.toHaveProperty("SSL_CERT_FILE");
  });

  it("trusts the internal authority where the store has a certificate of it", async () => {
    const made = await create(true);
    expect(environment(made)["SSL_CERT_FILE"]).toBe("/etc/store-ca/ca.crt");
    expect(at(pod(made), "volumes")).toContainEqual({ name: "ca", configMap: { name: "internal-ca" } });
  });

  it("leaves it to the bucket to remove old snapshots", async () => {
    const made = await create();
    const job = at(made.one("Job", "bucket-etcd-backup").inputs, "spec", "template", "spec", "containers", 0, "env");
    expect(job).toContainEqual(
      expect.objectContaining({ name: "LIFECYCLE", value: expect.stringContaining('"Expiration":{"Days":14}') }),
    );
  });

  it("may take snapshots by the Talos API, and nothing else", async () => {
    const made = await create();
    const account = made.resources.find(({ inputs }) => String(inputs["apiVersion"]) === "talos.dev/v1alpha1");
    expect(account?.inputs["spec"]).toEqual({ roles: ["os:etcd:backup"] });
    expect(at(account?.inputs, "metadata", "name")).toBe("etcd-backup");
    expect(at(pod(made), "volumes")).toContainEqual({ name: "talos", secret: { secretName: "etcd-backup" } });
    expect(at(pod(made), "automountServiceAccountToken")).toBe(false);
    const path = made.one("CiliumNetworkPolicy", "etcd-backup-talos-api");
    expect(at(path.inputs, "spec", "egress")).toEqual([
      { toEntities: ["kube-apiserver"], toPorts: [{ ports: [{ port: "50000", protocol: "TCP" }] }] },
    ]);
  });

  it("writes where it may: below its working directory", async () => {
    const container = at(pod(await create()), "containers", 0);
    expect(at(container, "workingDir")).toBe("/tmp");
    expect(at(container, "volumeMounts", 0)).toEqual({ name: "tmp", mountPath: "/tmp" });
  });
});
