import { createHash } from "node:crypto";
import { OWN_PREFIX } from "./names";

/** The servers' own users, each for one purpose. Their names begin with `orrery-`. */
export const ownUsers = ["admin", "metrics", "replication", "sentinel"] as const;

export type OwnUser = (typeof ownUsers)[number];

/** Key of a user's lines for the servers, in the Secret of all users; and the one for the Sentinels. */
export const serverKey = (user: string) => `${user}.server.acl`;
export const sentinelKey = (user: string) => `${user}.sentinel.acl`;

/** What a consumer may never do: see or change what belongs to others, or the server itself. */
const FORBIDDEN = [
  "-@admin",
  "-@dangerous",
  // Names of keys and channels, whose ever they are.
  "-scan",
  "-randomkey",
  "-dbsize",
  "-pubsub",
  // Functions and scripts are everybody's.
  "-function",
  "-script|flush",
  "-script|kill",
];

/** Clients ask for the server's version and role when they connect. */
const ALLOWED_AGAIN = ["+info", "+role"];

/** What a client needs of a Sentinel: where the primary is, and to be told when it moves. */
const ASK_SENTINEL = [
  "+ping",
  "+hello",
  "+info",
  "+role",
  "+client|setname",
  "+client|setinfo",
  "+client|id",
  "+subscribe",
  "+psubscribe",
  "+unsubscribe",
  "+punsubscribe",
  "+sentinel|get-master-addr-by-name",
  "+sentinel|master",
  "+sentinel|masters",
  "+sentinel|replicas",
  "+sentinel|slaves",
  "+sentinel|sentinels",
];

const ownRules: Readonly<Record<OwnUser, { readonly server?: string; readonly sentinel?: string }>> = {
  admin: { server: "~* &* +@all", sentinel: "&* +@all" },
  // INFO and its like; it reads no key.
  metrics: { server: "-@all +ping +hello +info +client|setname +slowlog|get +slowlog|len +latency|latest" },
  replication: { server: "-@all +psync +replconf +ping" },
  sentinel: {
    server:
      "&* -@all +multi +exec +slaveof +replicaof +ping +subscribe +config|rewrite +role +publish +info +client|setname " +
      "+client|kill +script|kill",
    sentinel: "&* +@all",
  },
};

/** Without these lines the user `default` could do anything, without a password. */
export const defaultUserFiles: Readonly<Record<string, string>> = {
  [serverKey("default")]: "user default reset off\n",
  [sentinelKey("default")]: "user default reset off\n",
};

/** Lines of the servers' own users. */
export function ownUserFiles(user: OwnUser, password: string): Record<string, string> {
  const line = (rules: string) => userLine(`${OWN_PREFIX}${user}`, password, rules);
  const { server, sentinel } = ownRules[user];
  return {
    ...(server === undefined ? {} : { [serverKey(user)]: line(server) }),
    ...(sentinel === undefined ? {} : { [sentinelKey(user)]: line(sentinel) }),
  };
}

/** A consumer: its own keys and channels, and every command that touches nothing else. */
export function consumerFiles(user: string, prefix: string, password: string): Record<string, string> {
  const commands = ["+@all", ...FORBIDDEN, ...ALLOWED_AGAIN].join(" ");
  return {
    [serverKey(user)]: userLine(user, password, `~${prefix}* &${prefix}* ${commands}`),
    [sentinelKey(user)]: userLine(user, password, `&* -@all ${ASK_SENTINEL.join(" ")}`),
  };
}

/** A line of an ACL file. It has the password's digest, from which a long random password cannot be guessed. */
function userLine(user: string, password: string, rules: string): string {
  const digest = createHash("sha256").update(password).digest("hex");
  return `user ${user} reset on #${digest} ${rules}\n`;
}

/** As `data` of a Secret: server-side apply of `stringData` would leave the lines of a cache that is gone. */
export function base64(files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([key, text]) => [key, Buffer.from(text).toString("base64")]));
}
