import type * as pulumi from "@pulumi/pulumi";
import { openPath } from "../../kit/network-policy";
import type { Service } from "../../kit/service";
import type { OidcClientArgs } from "../../kit/sign-in";

/** The ways to the identity provider: one for each workload, however many clients it has (the gateway has many). */
export class ConsumerPaths {
  private readonly opened = new Set<string>();

  constructor(
    private readonly server: Service,
    private readonly port: number,
    private readonly parent: pulumi.Resource,
  ) {}

  open({ identity, pods, namespace }: OidcClientArgs["consumer"]): void {
    const key = `${pods.namespace}-${pods.instance}`;
    if (this.opened.has(key)) return;
    this.opened.add(key);
    openPath(
      `${this.server.identity.instance}-from-${key}`,
      // Its name sets it apart from the path of a route to the provider's own pages.
      { from: pods, to: this.server.pods, ports: [{ name: "oidc", port: this.port }], owner: identity },
      { parent: this.parent, dependsOn: [namespace, this.server.namespace] },
    );
  }
}
