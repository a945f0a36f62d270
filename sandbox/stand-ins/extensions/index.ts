import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { KubernetesObject, V1APIService, V1Pod, V1Service } from "@kubernetes/client-node";
import { issueCertificate } from "../operators/certificates";
import type { Kind } from "../runtime/cluster";
import type { Context } from "../runtime/context";
import { keyOf } from "../runtime/controller";
import { pods } from "../runtime/kinds";
import { runsImage } from "../runtime/presence";

export const apiServices: Kind = {
  apiVersion: "apiregistration.k8s.io/v1",
  kind: "APIService",
  plural: "apiservices",
};

export interface Answer {
  readonly status: number;
  readonly body: object;
}

/** A part of the Kubernetes API that another program serves, to which the API server passes requests on. */
export interface Extension {
  /** `<version>.<group>`, as it is registered. */
  readonly apiService: string;
  /** The program's image. */
  readonly image: RegExp;
  /** Name of the Service that is put beside the program's own. */
  readonly serviceName: string;
  readonly standsInFor: string;
  answer(url: URL): Answer;
}

const loopback = "127.0.0.1";

/**
 * Answers for an extension of the API. One that is registered and does not answer keeps every namespace from being
 * deleted, and the program's own Service leads nowhere here: the API server is told to go to a loopback address.
 */
export function startExtension(context: Context, extension: Extension): void {
  const { apiService: wanted, image, serviceName } = extension;
  const store = context.store<V1APIService & KubernetesObject>(apiServices);
  let server: Promise<Server> | undefined;
  context.onClose(async () => {
    (await server)?.closeAllConnections();
    (await server)?.close();
  });

  context
    .controller({
      name: serviceName,
      keys: () => [wanted],
      reconcile: async () => {
        const registered = store.get(wanted);
        if (registered === undefined || context.workload(image).length === 0) return undefined;
        server ??= serve(context, extension);
        const { port } = (await server).address() as AddressInfo;
        const now = registered.spec?.service;
        if (now === undefined || (now.name === serviceName && now.port === port)) return undefined;
        await context.cluster.create(serviceFor(registered, serviceName, now.namespace!));
        const service = { name: serviceName, namespace: now.namespace, port };
        const spec = { service, insecureSkipTLSVerify: true, caBundle: null };
        const { apiVersion, kind } = apiServices;
        await context.cluster.merge({ apiVersion, kind, metadata: { name: wanted }, spec } as KubernetesObject);
        context.standsInFor(extension.standsInFor);
        return undefined;
      },
    })
    .watch(store, (service) => (keyOf(service) === wanted ? [wanted] : []))
    .watch(context.store<V1Pod>(pods), (pod) => (runsImage(pod, image) ? [wanted] : []));
}

/** An ExternalName is used as it is, where a cluster address would need a network. It goes with the registration. */
function serviceFor(registered: V1APIService, name: string, namespace: string): V1Service {
  const { apiVersion, kind } = apiServices;
  const owner = { apiVersion, kind, name: registered.metadata!.name!, uid: registered.metadata!.uid! };
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace, ownerReferences: [owner] },
    spec: { type: "ExternalName", externalName: loopback },
  };
}

async function serve(context: Context, { image, serviceName, answer }: Extension): Promise<Server> {
  const request = { commonName: serviceName, dnsNames: [serviceName], isAuthority: false, validDays: 3650 };
  const { certificatePem: cert, privateKeyPem: key } = await issueCertificate(request);
  const server = createServer({ cert, key }, ({ url }, response) => {
    const ready = context.workload(image).length > 0;
    const { status, body } = ready ? answer(new URL(url ?? "/", `https://${loopback}`)) : { status: 503, body: {} };
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  server.unref();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, loopback, () => resolve(server));
  });
}
