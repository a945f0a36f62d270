import type { Props, StackView } from "../../framework/rule";
import type { Model, Thing } from "../model/model";
import { certificateCovers } from "./hosts";

const issuerAnnotations = ["cert-manager.io/issuer", "cert-manager.io/cluster-issuer", "kubernetes.io/tls-acme"];

/** Whether cert-manager makes the certificate by itself, for the very hosts that the object names. */
export const issuesItself = (props: Props) =>
  issuerAnnotations.some((key) => (props.metadata?.annotations?.[key] ?? "") !== "");

interface Certificate {
  thing: Thing;
  dnsNames: () => string[];
}

/** Where TLS keys come from, by namespace and name of the Secret. */
export class Certificates {
  private readonly bySecret = new Map<string, Certificate>();
  /** Namespaces of Certificates whose Secret's name is not known yet: it may be any. */
  private readonly unread = new Set<string>();

  constructor(
    private readonly stack: StackView,
    private readonly model: Model,
  ) {
    for (const thing of model.ofKind("cert-manager.io", "Certificate")) {
      const { props } = thing.subject;
      const secret = stack.read(thing.subject, () => String(props.spec?.secretName ?? ""));
      if (secret === undefined) this.unread.add(thing.namespace);
      else this.bySecret.set(`${thing.namespace}/${secret}`, { thing, dnsNames: () => namesOf(props) });
    }
  }

  /** Why the Secret does not serve the host; undefined where it does, or may. Throws at what is not known yet. */
  problem(namespace: string, secret: string, host: string): string | undefined {
    const certificate = this.bySecret.get(`${namespace}/${secret}`);
    if (certificate !== undefined) {
      const names = this.stack.read(certificate.thing.subject, certificate.dnsNames);
      if (names === undefined || names.some((name) => certificateCovers(name, host))) return undefined;
      return `Certificate ${namespace}/${certificate.thing.name} is for ${names.join(", ") || "no name"}`;
    }
    // A Secret that somebody brings: what is in it is nobody's to read here.
    if (this.model.find("core", "Secret", namespace, secret) !== undefined) return undefined;
    if (this.unread.has(namespace) || this.model.mayHaveMore(namespace)) return undefined;
    return `nothing makes the Secret ${namespace}/${secret}`;
  }
}

const namesOf = ({ spec }: Props) => [
  ...((spec?.dnsNames ?? []) as string[]).map(String),
  ...(spec?.commonName === undefined ? [] : [String(spec.commonName)]),
];
