import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { generatedSecret } from "../../kit/generated-secret";
import { type Identity, metadata } from "../../kit/labels";
import { Accounts, type User } from "./accounts";
import { CONTROLLER_KEY } from "./controller";
import { OWN_USERS } from "./names";
import { userKey } from "./nkey";
import { controllerPermissions, type Permissions } from "./permissions";

export interface UsersArgs {
  readonly owner: Identity;
  readonly namespace: string;
}

/**
 * The users that every installation has: NACK's, and for people the administrator of the streams and the one of the
 * servers, both in the Secret `<name>-admin`.
 */
export function createUsers(name: string, args: UsersArgs, opts: pulumi.CustomResourceOptions) {
  const admin = createAdministrators(name, args, opts);
  const accounts = new Accounts(`${name}-auth`, { ...args, systemUser: admin.system }, opts);
  accounts.add(admin.streams);
  const controller = createControllerKey(`${name}-controller-key`, args, opts);
  accounts.add(controller.user);
  return { accounts, controller };
}

/** A user with a password of its own. The password is a child of the servers: they wait for it, and it for nothing. */
export function addUser(
  accounts: Accounts,
  user: { readonly name: string; readonly passwordName: string; readonly permissions: Permissions },
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const { name, permissions } = user;
  const password = new random.RandomPassword(user.passwordName, { length: 40, special: false }, opts).result;
  accounts.add(password.apply((text): User => ({ user: name, password: text, permissions })));
  return password;
}

function createAdministrators(name: string, { owner, namespace }: UsersArgs, opts: pulumi.CustomResourceOptions) {
  const keys = ["password", "system-password"] as const;
  const { values } = generatedSecret(`${name}-admin`, { owner, namespace, keys, length: 40 }, opts);
  const user = (name: string, key: (typeof keys)[number]) =>
    pulumi.output(values[key]!).apply((password): User => ({ user: name, password }));
  return { streams: user(OWN_USERS.admin, "password"), system: user(OWN_USERS.system, "system-password") };
}

/** NACK reads no Secret and no password from its arguments, but a key from a file. */
function createControllerKey(name: string, { owner, namespace }: UsersArgs, opts: pulumi.CustomResourceOptions) {
  const { result } = new random.RandomPassword(name, { length: 64, special: false }, opts);
  const key = pulumi.secret(result.apply(userKey));
  const secret = new k8s.core.v1.Secret(
    name,
    {
      metadata: metadata(owner, { name, namespace }),
      type: "Opaque",
      stringData: { [CONTROLLER_KEY]: key.apply(({ seed }) => seed) },
    },
    opts,
  );
  const user = key.apply(({ publicKey }): User => ({ nkey: publicKey, permissions: controllerPermissions }));
  return { secretName: name, ready: secret, user };
}
