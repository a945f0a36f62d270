import { describe, expect, it } from "vitest";
import { bucketKeys, STORE_AUTHORITY_FILE, storeAuthorityFiles } from "../../../../components/kit/store-access";

describe("a bucket's client", () => {
  it("reads the bucket's keys from its Secret", () => {
    expect(bucketKeys({ secretName: "demo-bucket" })).toEqual({
      AWS_ACCESS_KEY_ID: { secret: "demo-bucket", key: "AWS_ACCESS_KEY_ID" },
      AWS_SECRET_ACCESS_KEY: { secret: "demo-bucket", key: "AWS_SECRET_ACCESS_KEY" },
    });
  });

  it("finds the store's authority where it was mounted, if it needs one", () => {
    const [files] = storeAuthorityFiles({ caConfigMap: "internal-ca" });
    expect(files).toMatchObject({ configMap: "internal-ca" });
    expect(STORE_AUTHORITY_FILE).toBe(`${files?.path}/ca.crt`);
    expect(storeAuthorityFiles({})).toEqual([]);
    expect(storeAuthorityFiles(undefined)).toEqual([]);
  });
});
