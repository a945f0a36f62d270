import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { type Identity, metadata } from "../../kit/labels";
import { ADMINISTRATOR, BACKUP_USER } from "./users-config";

/** Keys of the Secret beside the server. */
export const PASSWORDS = {
  administrator: ADMINISTRATOR,
  backup: BACKUP_USER,
  /** Replicas show it to each other when they fetch parts. */
  interserver: "interserver",
  /** Servers of the cluster show it to each other when one asks the others a part of a query. */
  cluster: "cluster",
} as const;

/** Key of what the server knows of a user's password. */
export function hashKey(key: string): string {
  return `${key}-sha256`;
}

export function passwordsSecretName(name: string): string {
  return `${name}-passwords`;
}

/** Passwords that nobody has to know: made up once. */
export function createPasswords(
  name: string,
  owner: Identity,
  namespace: string,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const secretName = passwordsSecretName(name);
  const password = (key: string) =>
    new random.RandomPassword(`${secretName}-${key}`, { length: 40, special: false }, opts).result;
  const users = [PASSWORDS.administrator, PASSWORDS.backup].map((key) => [key, password(key)] as const);
  const others = [PASSWORDS.interserver, PASSWORDS.cluster].map((key) => [key, password(key)] as const);
  return new k8s.core.v1.Secret(
    secretName,
    {
      metadata: metadata(owner, { name: secretName, namespace }),
      type: "Opaque",
      stringData: {
        ...Object.fromEntries([...users, ...others]),
        ...Object.fromEntries(users.map(([key, value]) => [hashKey(key), value.apply(sha256)])),
      },
    },
    opts,
  );
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
