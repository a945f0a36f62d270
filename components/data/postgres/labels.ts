import { images, imageVersion } from "../../kit/images";
import { type Identity, labels } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";

/** Ours alone: the operator sets the recommended app.kubernetes.io labels on its pods itself. */
export function ownLabels(identity: Identity): Record<string, string> {
  return Object.fromEntries(Object.entries(labels(identity)).filter(([key]) => key.startsWith("orrery.dev/")));
}

/** What the servers are called. */
export function postgresIdentity(name: string, namespace: DomainNamespace): Identity {
  const version = imageVersion(images.postgres);
  return { name: "postgres", instance: name, component: "database", domain: namespace.name, version };
}
