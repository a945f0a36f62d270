import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/** What a Command keeps of the config that it applied, to tell a new config from a new certificate. */
export function configDigest(config: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.secret(config).apply((text) => createHash("sha256").update(text).digest("hex"));
}
