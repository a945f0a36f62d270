export type TopicAccess = "read" | "write" | "readwrite";

export interface TopicGrant {
  readonly name: string;
  /** @default read */
  readonly access?: TopicAccess;
}

/** What a user of the settings may do. */
export interface Grants {
  readonly topics: readonly TopicGrant[];
  /** Names of consumer groups beside its own, which are called as the user, or begin with that and a dot. */
  readonly groups?: readonly string[];
}

/** One entry of a KafkaUser's list; everything that no entry allows is refused. */
export interface Acl {
  readonly resource: {
    readonly type: "topic" | "group" | "cluster";
    readonly name?: string;
    readonly patternType?: "literal" | "prefix";
  };
  readonly operations: readonly string[];
}

const TOPIC_OPERATIONS: Readonly<Record<TopicAccess, readonly string[]>> = {
  read: ["Read", "Describe"],
  write: ["Write", "Describe"],
  readwrite: ["Read", "Write", "Describe"],
};

const reads = ({ access = "read" }: TopicGrant) => access !== "write";

/** Topics by their full names, and groups for whoever reads. No user's name has a dot, so no prefix covers another's. */
export function userAcls(user: string, { topics, groups = [] }: Grants): Acl[] {
  const group = (name: string, patternType: "literal" | "prefix"): Acl => ({
    resource: { type: "group", name, patternType },
    operations: ["Read", "Describe"],
  });
  return [
    ...topics.map(
      ({ name, access = "read" }): Acl => ({
        resource: { type: "topic", name, patternType: "literal" },
        operations: TOPIC_OPERATIONS[access],
      }),
    ),
    ...(topics.some(reads)
      ? [group(user, "literal"), group(`${user}.`, "prefix"), ...groups.map((name) => group(name, "literal"))]
      : []),
  ];
}

/** Whoever looks at everything and changes nothing: the web page. */
export const viewerAcls: readonly Acl[] = [
  {
    resource: { type: "topic", name: "*", patternType: "literal" },
    operations: ["Read", "Describe", "DescribeConfigs"],
  },
  { resource: { type: "group", name: "*", patternType: "literal" }, operations: ["Describe"] },
  { resource: { type: "cluster" }, operations: ["Describe", "DescribeConfigs"] },
];
