import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Identity, metadata } from "../../kit/labels";
import type { Permissions } from "./permissions";

/** A user as the server's configuration names it: by name and password, or by the public half of a key. */
export interface User {
  readonly user?: string;
  readonly password?: string;
  readonly nkey?: string;
  /** @default - everything in its account */
  readonly permissions?: Permissions;
}

/** The account in which all streams are. */
const ACCOUNT = "ORRERY";
/** The account of the servers' own events: for questions about the cluster. */
const SYSTEM_ACCOUNT = "SYS";
export const AUTH_FILE = "auth.conf";

/** The part of the server's configuration that says who may do what; JSON is NATS configuration too. */
export function authConf(users: readonly User[], systemUser: User): string {
  const accounts = {
    [SYSTEM_ACCOUNT]: { users: [systemUser] },
    [ACCOUNT]: { jetstream: "enabled", users },
  };
  return `accounts: ${JSON.stringify(accounts, null, 2)}\nsystem_account: ${SYSTEM_ACCOUNT}\n`;
}

/**
 * The users of a server, as a Secret that the server includes in its configuration. Users come as capabilities are
 * taken, and all of them are in the file: it is written when the program has said everything, so whoever comes later
 * is refused.
 */
export class Accounts {
  readonly secretName: string;
  readonly ready: pulumi.Resource;
  private readonly users: pulumi.Input<User>[] = [];
  private written = false;

  constructor(
    name: string,
    about: { readonly owner: Identity; readonly namespace: string; readonly systemUser: pulumi.Input<User> },
    opts: pulumi.CustomResourceOptions,
  ) {
    const { owner, namespace, systemUser } = about;
    this.secretName = name;
    const everybody = endOfProgram().then(() => {
      this.written = true;
      return pulumi.all([pulumi.all(this.users), systemUser]);
    });
    const text = pulumi.output(everybody).apply(([users, system]) => authConf(users, system));
    this.ready = new k8s.core.v1.Secret(
      name,
      {
        metadata: metadata(owner, { name, namespace }),
        type: "Opaque",
        stringData: { [AUTH_FILE]: pulumi.secret(text) },
      },
      opts,
    );
  }

  add(user: pulumi.Input<User>): void {
    if (this.written) {
      throw new Error(
        "NATS: the file of users is written already. Ask for clients where the program makes everything.",
      );
    }
    this.users.push(user);
  }
}

/** The program names its resources in one go; what waits comes after it. */
function endOfProgram(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
