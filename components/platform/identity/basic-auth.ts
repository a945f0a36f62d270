import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Component } from "../../base";
import { type Identity, metadata } from "../../kit/labels";
import type { SignIn } from "../../kit/sign-in";

/** Keys under which the gateways look for the same file: Envoy Gateway and ingress-nginx. */
const HTPASSWD_KEYS = [".htpasswd", "auth"] as const;

export interface BasicAuthArgs {
  /** Namespace of the route's backend. */
  readonly namespace: string;
  readonly owner: Identity;
  /** Names of the users; each gets a password of its own. */
  readonly users: readonly string[];
}

/** Users with made-up passwords for a route without identity provider: what the gateway reads, and what people read. */
export class BasicAuth extends Component {
  readonly signIn: SignIn;
  /** Secret with each user's password under the user's name. */
  readonly passwordsSecretName: string;

  constructor(name: string, args: BasicAuthArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:platform:BasicAuth", name, opts);
    checkUsers(name, args.users);
    this.passwordsSecretName = `${name}-passwords`;
    const passwords = new Map(args.users.map((user) => [user, this.createPassword(name, user)]));
    const lines = [...passwords].map(([user, password]) => password.apply((text) => htpasswdLine(user, text)));
    const secretName = `${name}-htpasswd`;
    const file = pulumi.all(lines).apply((all) => `${all.join("\n")}\n`);
    const ready = this.createSecret(secretName, args, Object.fromEntries(HTPASSWD_KEYS.map((key) => [key, file])));
    this.createSecret(this.passwordsSecretName, args, Object.fromEntries(passwords));
    this.signIn = { kind: "basic", secretName, ready };

    this.registerOutputs({ secretName, passwordsSecretName: this.passwordsSecretName });
  }

  private createPassword(name: string, user: string): pulumi.Output<string> {
    return new random.RandomPassword(`${name}-${user}`, { length: 32, special: false }, this.child()).result;
  }

  private createSecret(
    secretName: string,
    { owner, namespace }: BasicAuthArgs,
    stringData: Record<string, pulumi.Output<string>>,
  ): k8s.core.v1.Secret {
    return new k8s.core.v1.Secret(
      secretName,
      { metadata: metadata(owner, { name: secretName, namespace }), type: "Opaque", stringData },
      this.child(),
    );
  }
}

/**
 * A line of .htpasswd. SHA-1 is the one format that Envoy reads; it is fast to guess, which is why these passwords have
 * 32 random characters and are never chosen by people.
 */
export function htpasswdLine(user: string, password: string): string {
  return `${user}:{SHA}${createHash("sha1").update(password).digest("base64")}`;
}

function checkUsers(name: string, users: readonly string[]): void {
  const wrong = users.filter((user) => !/^[a-z][a-z0-9._-]{0,31}$/.test(user));
  if (users.length === 0 || wrong.length > 0 || new Set(users).size !== users.length) {
    throw new Error(
      `Basic authentication "${name}" needs at least one user, each once, of a-z, 0-9, ".", "_" and "-", a letter ` +
        `first${wrong.length === 0 ? "" : `; not ${wrong.map((user) => `"${user}"`).join(", ")}`}.`,
    );
  }
}
