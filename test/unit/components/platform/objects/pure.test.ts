import { describe, expect, it } from "vitest";
import { bucketJob } from "../../../../../components/platform/objects/bucket-job";
import { bucketLifecycle, bucketPolicy } from "../../../../../components/platform/objects/bucket-rules";
import { erasureSet } from "../../../../../components/platform/objects/erasure";
import { BucketNames, bucketNameProblem } from "../../../../../components/platform/objects/names";

describe("bucketNameProblem", () => {
  it.each(["abc", "loki-chunks", "0-9", "a".repeat(50)])("takes %s", (name) => {
    expect(bucketNameProblem(name)).toBeUndefined();
  });

  it.each([
    ["ab", /2 characters/],
    ["a".repeat(51), /51 characters/],
    ["My-Bucket", /lower-case/],
    ["my_bucket", /lower-case/],
    ["192.168.5.4", /several labels/],
    ["-abc", /hyphen/],
    ["abc-", /hyphen/],
    ["xn--abc", /keeps this prefix/],
    ["abc-s3alias", /keeps this prefix/],
  ])("refuses %s", (name, message) => {
    expect(bucketNameProblem(name)).toMatch(message);
  });

  it("gives each name once", () => {
    const names = new BucketNames();
    names.take("loki");
    expect(() => names.take("loki")).toThrow(/Bucket "loki": it was asked for before/);
    expect(() => names.take("No")).toThrow(/Bucket "No": it has 2 characters.*Allowed: lower-case/);
  });
});

describe("erasureSet", () => {
  it.each([
    [1, 1, { drives: 1, parity: 0, serversMayFail: 0, usableShare: 1 }],
    [2, 1, { drives: 2, parity: 1, serversMayFail: 0, usableShare: 0.5 }],
    [3, 1, { drives: 3, parity: 1, serversMayFail: 1 }],
    [4, 1, { drives: 4, parity: 2, serversMayFail: 1, usableShare: 0.5 }],
    [3, 2, { drives: 6, parity: 3, serversMayFail: 1, usableShare: 0.5 }],
    [4, 2, { drives: 8, parity: 4, serversMayFail: 1, usableShare: 0.5 }],
    [4, 4, { drives: 16, parity: 4, serversMayFail: 1, usableShare: 0.75 }],
    [16, 1, { drives: 16, parity: 4, serversMayFail: 4, usableShare: 0.75 }],
  ])("%i servers with %i drives", (servers, drives, expected) => {
    expect(erasureSet(servers, drives)).toMatchObject(expected);
  });
});

describe("bucketPolicy", () => {
  const { Statement } = bucketPolicy("loki");
  const allowed = Statement.filter(({ Effect }) => Effect === "Allow");

  it("speaks of this bucket alone", () => {
    expect(allowed.flatMap(({ Resource }) => Resource)).toEqual(["arn:aws:s3:::loki", "arn:aws:s3:::loki/*"]);
  });

  it("does not let the bucket be opened, emptied by rule or removed", () => {
    const actions = allowed.flatMap(({ Action }) => Action);
    expect(actions.filter((action) => /\*|Policy|Lifecycle|Bucket(Acl|Versioning)$/.test(action))).toEqual([
      "s3:GetBucketVersioning",
    ]);
    expect(actions).not.toContain("s3:DeleteBucket");
  });

  it("read only: nothing is written or removed", () => {
    const actions = bucketPolicy("loki", "readonly").Statement.flatMap(({ Effect, Action }) =>
      Effect === "Allow" ? Action : [],
    );
    expect(actions).toContain("s3:GetObject");
    expect(actions.filter((action) => /Put|Delete|Abort/.test(action))).toEqual([]);
  });

  it("does not let the user make more keys", () => {
    expect(Statement.find(({ Effect }) => Effect === "Deny")?.Action).toContain("admin:CreateServiceAccount");
  });
});

describe("bucketLifecycle", () => {
  it("is nothing without days", () => {
    expect(bucketLifecycle({ versioning: true })).toBeUndefined();
  });

  it("removes old versions as well, where there are any", () => {
    expect(bucketLifecycle({ expireDays: 7 })?.Rules).toEqual([
      { ID: "expire", Status: "Enabled", Filter: { Prefix: "" }, Expiration: { Days: 7 } },
    ]);
    const old = { ID: "versions", Status: "Enabled", Filter: { Prefix: "" } };
    expect(bucketLifecycle({ expireDays: 7, versioning: true })?.Rules[1]).toEqual({
      ...old,
      NoncurrentVersionExpiration: { NoncurrentDays: 7 },
    });
    expect(bucketLifecycle({ noncurrentDays: 3, versioning: true })?.Rules).toEqual([
      { ...old, NoncurrentVersionExpiration: { NoncurrentDays: 3 } },
    ]);
  });
});

describe("bucketJob", () => {
  const facts = { bucket: "loki", endpoint: "https://minio.storage.svc:9000", region: "us-east-1", secretName: "keys" };
  const script = (job: ReturnType<typeof bucketJob>) => String(job.command?.[2]);

  it("has no secret in its command or as plain text", () => {
    const job = bucketJob({ ...facts, administrator: "root" });
    expect(script(job)).toContain('MC_HOST_store="https://$LOGIN_USER:$LOGIN_PASSWORD@minio.storage.svc:9000"');
    expect(job.environment?.["LOGIN_PASSWORD"]).toEqual({ secret: "root", key: "password" });
    expect(job.environment?.["AWS_SECRET_ACCESS_KEY"]).toEqual({ secret: "keys", key: "AWS_SECRET_ACCESS_KEY" });
    // By standard input: arguments can be seen by every process of the node.
    expect(script(job)).toMatch(/printf .*\$AWS_SECRET_ACCESS_KEY" \| mcli admin user add store$/m);
  });

  it("makes a user only where there is an administrator", () => {
    const job = bucketJob(facts);
    expect(script(job)).not.toContain("mcli admin");
    expect(job.environment?.["LOGIN_USER"]).toEqual({ secret: "keys", key: "AWS_ACCESS_KEY_ID" });
    expect(job.environment).not.toHaveProperty("POLICY");
  });

  it("changes when anything that it sets changes, so that it runs again", () => {
    const variants = [
      {},
      { expireDays: 1 },
      { versioning: true },
      { region: "fsn1" },
      { bucket: "tempo" },
      { lockDays: 1 },
      { quotaGiB: 1 },
      { access: "readonly" as const },
      { abortUploadsDays: 1 },
    ];
    const jobs = variants.map((change) => JSON.stringify(bucketJob({ ...facts, administrator: "root", ...change })));
    expect(new Set(jobs).size).toBe(variants.length);
  });

  it("has no empty variable: the API server drops the value, and each run would find a change", () => {
    expect(Object.values(bucketJob({ ...facts, administrator: "root" }).environment ?? {})).not.toContain("");
  });

  it("trusts the internal authority when it is told to", () => {
    const job = bucketJob({ ...facts, caConfigMap: "internal-ca" });
    expect(job.environment?.["SSL_CERT_FILE"]).toBe("/etc/store-ca/ca.crt");
    expect(job.volumes?.configMaps).toEqual([{ name: "ca", path: "/etc/store-ca", configMap: "internal-ca" }]);
    expect(bucketJob(facts).environment).not.toHaveProperty("SSL_CERT_FILE");
  });
});
