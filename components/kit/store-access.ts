import type { BucketHandle } from "./bucket";
import type { SecretVariable } from "./pod";
import type { ConfigMapFiles } from "./volumes";

const FOLDER = "/etc/store-ca";

/** Where a bucket's client finds the certificate of the authority that signed the store's, once it has mounted it. */
export const STORE_AUTHORITY_FILE = `${FOLDER}/ca.crt`;

/** The authority of a bucket's store, as files of the consumer's pods; none where the store's certificate is a public one. */
export function storeAuthorityFiles(bucket: Pick<BucketHandle, "caConfigMap"> | undefined): ConfigMapFiles[] {
  const configMap = bucket?.caConfigMap;
  return configMap === undefined ? [] : [{ name: "store-ca", path: FOLDER, configMap }];
}

/** The bucket's keys, as variables that every S3 client reads. */
export function bucketKeys({ secretName }: Pick<BucketHandle, "secretName">) {
  const key = (name: string): SecretVariable => ({ secret: secretName, key: name });
  return {
    AWS_ACCESS_KEY_ID: key("AWS_ACCESS_KEY_ID"),
    AWS_SECRET_ACCESS_KEY: key("AWS_SECRET_ACCESS_KEY"),
  };
}
