import { z } from "zod";
import { console } from "./data/common";
import { doc } from "./doc";

/** Who people are: the identity provider. */
export const IdentitySettings = z.strictObject({
  enabled: doc(z.boolean().default(false), "Run an identity provider. It needs PostgreSQL, the gateway, certificates."),
  kind: doc(z.enum(["keycloak", "authentik"]).default("keycloak"), "Which one.", {
    replaces: "the provider; people, groups and clients of the old one stay in its database",
  }),
  host: doc(z.string().min(1).default("auth"), "Name under which people sign in.", {
    allowed: "a name below cluster.domain without dots, or a full DNS name",
    replaces: "the issuer: every service is configured anew",
  }),
  realm: doc(z.string().default("orrery"), "Realm of Keycloak that holds people, groups and clients.", {
    allowed: "lower-case letters, digits and hyphens, at most 36; not master",
    replaces: "the realm and everything in it; the old one is kept",
  }),
  replicas: doc(z.number().int().min(1).max(9).optional(), "Servers.", {
    allowed: "1 to 9; not 1 in prod; not more than nodes that take pods",
    defaultText: "2 in prod, 1 in dev",
  }),
  size: doc(z.enum(["small", "medium", "large"]).default("small"), "CPU and memory of each server."),
  consoles: doc(
    z
      .strictObject({
        hubble: console("Hubble's web page: every network flow of the cluster."),
      })
      .prefault({}),
    "Web pages for operators, exposed behind sign-in.",
  ),
});
