import { describe, expect, it } from "vitest";
import { Velero } from "../../../../../components/platform/backup";
import { veleroValues } from "../../../../../components/platform/backup/velero-values";
import { Minio } from "../../../../../components/platform/objects";
import { at, record } from "../../recorder";
import { namespaces } from "../objects/capabilities";

function create(volumes = true) {
  return record(() => {
    const spaces = namespaces();
    new Velero("velero", {
      charts: {},
      namespaces: spaces,
      objects: new Minio("minio", { namespaces: spaces, storageGiB: 10, storageClass: "x" }),
      bucket: "velero",
      schedule: "0 2 * * *",
      retentionDays: 30,
      volumes,
    });
  });
}

describe("Velero", () => {
  it("writes to its bucket at the store, and is waited for until it has reached it", async () => {
    const made = await create();
    const { inputs } = made.one("BackupStorageLocation", "default");
    expect(inputs["spec"]).toEqual({
      provider: "aws",
      default: true,
      objectStorage: { bucket: "velero" },
      config: {
        region: "us-east-1",
        s3Url: "http://minio.storage.svc:9000",
        s3ForcePathStyle: "true",
        checksumAlgorithm: "",
      },
    });
    expect(at(inputs, "metadata", "annotations", "pulumi.com/waitFor")).toBe("jsonpath={.status.phase}=Available");
  });

  it("keeps backups as long as it is told, without Secrets and without unasked volumes", async () => {
    const { inputs } = (await create()).one("Schedule", "scheduled");
    expect(inputs["spec"]).toMatchObject({
      schedule: "0 2 * * *",
      template: {
        storageLocation: "default",
        ttl: "720h0m0s",
        excludedResources: ["secrets"],
        defaultVolumesToFsBackup: false,
        snapshotVolumes: false,
      },
    });
  });

  it("encrypts what it copies with a password of its own, which is there before it", async () => {
    const made = await create();
    const secret = made.one("Secret", "velero-repo-credentials");
    expect(secret.secrets).toContain("stringData");
    expect(secret.inputs["stringData"]).toEqual({
      "repository-password": "made-up-velero-repo-credentials-repository-password",
    });
    expect(made.component("orrery:kit:Chart", "velero").dependencies).toContain(secret.urn);
  });

  it("opens the API server and the store to all of its pods, whose labels are not all the same", async () => {
    const made = await create();
    const api = made.one("CiliumNetworkPolicy", "velero-api-server");
    expect(at(api.inputs, "spec", "endpointSelector", "matchLabels")).toEqual({});
    expect(at(api.inputs, "metadata", "namespace")).toBe("velero");
    const paths = made.kind("NetworkPolicy").filter(({ name }) => name.startsWith("minio-velero"));
    expect(at(paths[0]?.inputs, "spec", "podSelector", "matchLabels")).toEqual({});
  });

  it("has its keys from the bucket's Secret, and none in its values", async () => {
    const [release] = (await create()).releases();
    const values = release?.inputs["values"];
    expect(at(values, "credentials", "useSecret")).toBe(false);
    expect(at(values, "configuration", "extraEnvVars", 1)).toEqual({
      name: "AWS_SECRET_ACCESS_KEY",
      valueFrom: { secretKeyRef: { name: "bucket-velero", key: "AWS_SECRET_ACCESS_KEY" } },
    });
    expect(JSON.stringify(values)).not.toContain("made-up");
  });
});

describe("veleroValues", () => {
  it.each([true, false])("runs the agent on every node only where volumes are copied: %s", (volumes) => {
    const values = veleroValues({ secretName: "keys", volumes });
    expect(values["deployNodeAgent"]).toBe(volumes);
    expect("nodeAgent" in values).toBe(volumes);
  });

  it("trusts the internal authority in server and agent alike", () => {
    const values = veleroValues({ secretName: "keys", volumes: true, caConfigMap: "internal-ca" });
    for (const part of [values, values["nodeAgent"]]) {
      expect(at(part, "extraVolumes", 0, "configMap", "name")).toBe("internal-ca");
      expect(at(part, "extraVolumeMounts", 0, "mountPath")).toBe("/etc/store-ca");
    }
    const variable = { name: "SSL_CERT_FILE", value: "/etc/store-ca/ca.crt" };
    expect(at(values, "configuration", "extraEnvVars")).toContainEqual(variable);
    expect(at(values, "nodeAgent", "extraEnvVars")).toContainEqual(variable);
  });
});
