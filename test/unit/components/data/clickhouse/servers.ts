import * as pulumi from "@pulumi/pulumi";
import { ClickHouse, type ClickHouseArgs } from "../../../../../components/data/clickhouse";
import type { BucketArgs, Objects } from "../../../../../components/kit/bucket";
import type { Certificates } from "../../../../../components/kit/certificates";
import { DomainNamespace, Namespaces } from "../../../../../components/kit/namespace";
import { Service } from "../../../../../components/kit/service";
import { type Environment, resources } from "../../../../../components/kit/sizes";

class Ready extends pulumi.CustomResource {
  constructor(name: string) {
    super("test:index:Ready", name, {});
  }
}

export const certificates: Certificates = {
  public: () => {
    throw new Error("nobody asked for a public one");
  },
  internal: (name, { namespace, secretName = `${name}-tls` }) => ({
    secretName,
    namespace,
    ready: new Ready(`${name}-certificate`),
  }),
  trust: (namespace) => ({ configMap: "internal-ca", ready: new Ready(`trust-${namespace}`) }),
};

/** A store that remembers what it was asked for. */
export class Store implements Objects {
  readonly asked: (BucketArgs & { readonly name: string })[] = [];
  constructor(private readonly caConfigMap: string | undefined = "internal-ca") {}

  bucket(name: string, args: BucketArgs) {
    this.asked.push({ name, ...args });
    return {
      bucket: name,
      endpoint: "https://minio.storage.svc:9000",
      region: "us-east-1",
      secretName: `bucket-${name}`,
      secretNamespace: args.consumer.namespace.name,
      ...(this.caConfigMap === undefined ? {} : { caConfigMap: this.caConfigMap }),
      ready: new Ready(`bucket-${name}`),
    };
  }
}

/** One server, plain text, nothing else: as small as it goes. */
export function server(more: Partial<ClickHouseArgs> & { readonly environment?: Environment } = {}): ClickHouse {
  const { environment = "dev", ...args } = more;
  const namespaces = new Namespaces({ environment }, {});
  return new ClickHouse("clickhouse", {
    charts: {},
    namespaces,
    keepers: 0,
    storageGiB: 20,
    storageClass: "hcloud",
    ...args,
  });
}

/** All that there is: two copies, three Keepers, certificates, backups. */
export function whole(objects: Objects = new Store(), more: Partial<ClickHouseArgs> = {}): ClickHouse {
  return server({
    environment: "prod",
    certificates,
    replicas: 2,
    keepers: 3,
    backup: { objects, bucket: "clickhouse-backup", schedule: "30 1 * * *", retentionDays: 14 },
    ...more,
  });
}

/** A service in another namespace than the databases'. */
export function consumer() {
  return new Service("web", {
    software: "web",
    component: "web",
    namespace: new DomainNamespace("apps-of-consumer", { domain: "apps", environment: "dev" }),
    image: "r.test/web:1.0",
    resources: resources(1, 1),
    probes: { ready: { tcp: "http" }, live: { tcp: "http" } },
    ports: [{ name: "http", port: 80 }],
  }).consumer();
}
