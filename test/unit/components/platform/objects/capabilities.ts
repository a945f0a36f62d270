import * as pulumi from "@pulumi/pulumi";
import type { CertificateArgs, Certificates } from "../../../../../components/kit/certificates";
import { DomainNamespace, Namespaces } from "../../../../../components/kit/namespace";
import type { SecretRequest, SecretSource } from "../../../../../components/kit/secret-source";
import { consumerOf } from "../../../../../components/kit/service";

class Stub extends pulumi.ComponentResource {
  constructor(name: string) {
    super("test:index:Stub", name);
  }
}

/** Certificates that note what was asked for. */
export function fakeCertificates() {
  const asked: (CertificateArgs & { name: string })[] = [];
  const trusted: string[] = [];
  const certificates: Certificates = {
    public: () => {
      throw new Error("nothing here is for the world");
    },
    internal: (name, args) => {
      asked.push({ name, ...args });
      return { secretName: `${name}-tls`, namespace: args.namespace, ready: new Stub(`certificate-${name}`) };
    },
    trust: (namespace) => {
      trusted.push(namespace);
      return { configMap: "internal-ca", ready: new Stub(`trust-${namespace}-${trusted.length}`) };
    },
  };
  return { certificates, asked, trusted };
}

/** A source of secrets that notes what was asked for. */
export function fakeSecrets() {
  const asked: (SecretRequest & { name: string })[] = [];
  const secrets: SecretSource = {
    secret: (name, request) => {
      asked.push({ name, ...request });
      return { secretName: request.secretName, namespace: request.namespace, ready: new Stub(`secret-${name}`) };
    },
  };
  return { secrets, asked };
}

export function namespaces(environment: "dev" | "prod" = "dev"): Namespaces {
  return new Namespaces({ environment }, {});
}

/** A service of the namespace `observability` that wants a bucket. */
export function consumer(name = "loki") {
  const namespace = new DomainNamespace("observability", { domain: "observability", environment: "dev" });
  return consumerOf(name, { software: name, component: "logs", namespace });
}
