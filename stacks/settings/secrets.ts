import { secretOf } from "../../components/observability/alertmanager/receivers";
import { externalStoreAskedBy } from "./backups";
import { dnsTokenAskedBy, tailscaleAskedBy, tunnelAskedBy } from "./dns";
import type { Settings } from "./schema";

/** A secret that people bring along, by the name under which it is asked for. */
interface KnownSecret {
  /** What it is, for the message when it is missing. */
  readonly what: string;
  /** The setting that makes it necessary; undefined while nothing does. */
  readonly askedBy: (settings: Settings) => string | undefined;
}

/** Every secret that a system or service may ask for. Who asks for one adds a row; docs/secrets.md has the same table. */
export const knownSecrets: Readonly<Record<string, KnownSecret>> = {
  "dns-api-token": { what: "API token of the DNS provider", askedBy: dnsTokenAskedBy },
  "cloudflared-token": { what: "token of the Cloudflare tunnel", askedBy: tunnelAskedBy },
  "tailscale-client-id": { what: "OAuth client id of the Tailscale operator", askedBy: tailscaleAskedBy },
  "tailscale-client-secret": { what: "OAuth client secret of the Tailscale operator", askedBy: tailscaleAskedBy },
  "objects-access-key": { what: "access key of the S3 outside", askedBy: externalStoreAskedBy },
  "objects-secret-key": { what: "secret key of the S3 outside", askedBy: externalStoreAskedBy },
  "onepassword-credentials": {
    what: "1password-credentials.json of the Connect server",
    askedBy: ({ secrets }) => (secrets.source === "onepassword" ? "secrets.source" : undefined),
  },
  "onepassword-token": {
    what: "access token of the Connect server",
    askedBy: ({ secrets }) => (secrets.source === "onepassword" ? "secrets.source" : undefined),
  },
};

/** Secrets that open the source of all others: they cannot come from it, and are always in `secrets.values`. */
export const bootstrapSecrets: readonly string[] = ["onepassword-credentials", "onepassword-token"];

/** The secrets above, and those that the settings name themselves: what receivers of alerts need. */
export function secretsFor(settings: Settings): Readonly<Record<string, KnownSecret>> {
  return { ...receiverSecrets(settings), ...modelSecrets(settings), ...knownSecrets };
}

function receiverSecrets({ observability: { enabled, alerts } }: Settings): Record<string, KnownSecret> {
  return Object.fromEntries(
    alerts.receivers.map((receiver, index) => [
      secretOf(receiver),
      {
        what: `${RECEIVER_SECRETS[receiver.type]} of the receiver "${receiver.name}"`,
        askedBy: () => (enabled ? `observability.alerts.receivers[${index}]` : undefined),
      },
    ]),
  );
}

function modelSecrets({ inference: { enabled, huggingFaceTokenSecret: name } }: Settings): Record<string, KnownSecret> {
  if (name === undefined) return {};
  const what = "token of Hugging Face, for gated models";
  return { [name]: { what, askedBy: () => (enabled ? "inference.huggingFaceTokenSecret" : undefined) } };
}

const RECEIVER_SECRETS = {
  slack: "webhook address of Slack",
  webhook: "address",
  pagerduty: "routing key of PagerDuty",
  email: "password at the mail server",
} as const;

export interface NeededSecret {
  readonly name: string;
  readonly what: string;
  /** The setting that needs it. */
  readonly setting: string;
}

/** What the settings need that nobody but a person can bring. */
export function neededSecrets(settings: Settings): NeededSecret[] {
  return Object.entries(secretsFor(settings)).flatMap(([name, { what, askedBy }]) => {
    const setting = askedBy(settings);
    return setting === undefined ? [] : [{ name, what, setting }];
  });
}

/** The command that sets a secret, for messages. */
export function setCommand(name: string): string {
  return `pulumi config set --secret --path 'orrery:secrets.values["${name}"]'`;
}
