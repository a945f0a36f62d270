import type { ServiceArgs } from "../../kit/service";
import { type ApiJobFacts, apiJob } from "./api-job";
import {
  type IndexFacts,
  indexObjectName,
  indexRole,
  indexSettings,
  indexTemplate,
  lifecyclePolicy,
} from "./index-rules";

const STREAM_STEPS = [
  'put "/_ilm/policy/$OBJECT" "$POLICY"',
  'put "/_index_template/$OBJECT" "$TEMPLATE"',
  'has "/_data_stream/$INDEX" || api PUT "/_data_stream/$INDEX"',
];

const INDEX_STEPS = ['put "/_index_template/$OBJECT" "$TEMPLATE"', 'has "/$INDEX" || api PUT "/$INDEX"'];

const ACCESS_STEPS = [
  'put "/$INDEX/_settings" "$SETTINGS"',
  'put "/_security/role/$OBJECT" "$ROLE"',
  `printf '{"password":"%s","roles":["%s"]}' "$PASSWORD" "$OBJECT" |`,
  '  api PUT "/_security/user/$OBJECT" --data-binary @-',
];

export interface IndexJobFacts extends IndexFacts, Pick<ApiJobFacts, "cluster" | "url" | "caConfigMap"> {
  /** Secret with the user's `password`, beside the Job. */
  readonly secretName: string;
}

/** The Job that makes an index or data stream, its role and its user. */
export function indexJob(facts: IndexJobFacts): Omit<ServiceArgs, "namespace"> {
  const { cluster, url, caConfigMap, index, retentionDays, storageGiB, secretName } = facts;
  return apiJob({
    cluster,
    url,
    caConfigMap,
    steps: [...(retentionDays === undefined ? INDEX_STEPS : STREAM_STEPS), ...ACCESS_STEPS],
    environment: {
      INDEX: index,
      OBJECT: indexObjectName(index),
      ...(retentionDays === undefined ? {} : { POLICY: JSON.stringify(lifecyclePolicy(retentionDays, storageGiB)) }),
      TEMPLATE: JSON.stringify(indexTemplate(facts)),
      SETTINGS: JSON.stringify(indexSettings(facts)),
      ROLE: JSON.stringify(indexRole(facts)),
      PASSWORD: { secret: secretName, key: "password" },
    },
  });
}
