import { createHash } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/**
 * A key of 32 bytes in base64, made once. From a RandomPassword, which hides its value: RandomBytes, RandomString and
 * RandomId have theirs for an id, and ids are in the state in plain text.
 */
export function randomKey(name: string, opts: pulumi.CustomResourceOptions): pulumi.Output<string> {
  // 64 of 62 characters hold more randomness than 32 bytes do.
  const { result } = new random.RandomPassword(name, { length: 64, special: false }, opts);
  return result.apply((text) => createHash("sha256").update(text).digest("base64"));
}
