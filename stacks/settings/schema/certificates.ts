import { z } from "zod";
import { doc } from "./doc";

/** TLS certificates: who issues them, and for which names. */
export const CertificateSettings = z.strictObject({
  enabled: doc(z.boolean().default(false), "Run cert-manager, and the environment's own certificate authority."),
  issuer: doc(
    z.enum(["internal", "letsencrypt-staging", "letsencrypt"]).default("internal"),
    "Who signs what the world sees. `internal` needs nothing, and browsers do not know it; `letsencrypt-staging` tries everything out without using up the limits of `letsencrypt`.",
    { replaces: "the public certificates, one after the other" },
  ),
  email: doc(z.string().optional(), "Address of the account with the ACME authority.", {
    defaultText: "none; needed by letsencrypt and letsencrypt-staging",
    allowed: "an address that is read; not one of example.com",
  }),
  challenge: doc(
    z.enum(["dns01", "http01"]).default("dns01"),
    "How the authority is shown that a name is ours: `dns01` by a record, through dns.provider; `http01` by a page, through the gateway, which the internet must reach on port 80.",
  ),
  mode: doc(
    z.enum(["wildcard", "each-host"]).default("wildcard"),
    "One certificate for the domain and every name right below it, or one for each host. A wildcard needs the challenge dns01.",
    { replaces: "the gateway's certificates" },
  ),
  internal: doc(
    z
      .strictObject({
        generations: doc(
          z.array(z.number().int().min(1).max(99)).default([1]),
          "Keys of the internal authority: the first one signs, all are trusted. To change the key without an interruption: [1], [1, 2], [2, 1], [2], with an `up` after each.",
          {
            allowed: "one or two numbers from 1 to 99, each once",
            replaces: "every internal certificate, when the first number changes",
          },
        ),
      })
      .prefault({}),
    "The environment's own certificate authority.",
  ),
});
