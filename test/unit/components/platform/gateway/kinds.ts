import { Component } from "../../../../../components/base";
import type { Certificates } from "../../../../../components/kit/certificates";
import { type DomainNamespace, Namespaces } from "../../../../../components/kit/namespace";
import type { Backend } from "../../../../../components/kit/route";
import { type DataPlane, PublicGateway } from "../../../../../components/platform/gateway";
import type { DataPlaneSize } from "../../../../../components/platform/gateway/data-plane";
import type { ListenerFacts } from "../../../../../components/platform/gateway/listeners";
import { type Recorder, record } from "../../recorder";

class Issued extends Component {
  constructor(
    name: string,
    readonly secretName: string,
    readonly namespace: string,
  ) {
    super("orrery:test:Certificate", name);
    this.registerOutputs({});
  }
  readonly ready = this;
}

const certificates: Certificates = {
  public: (name, { secretName = name, namespace }) => new Issued(name, secretName, namespace),
  internal: (name, { secretName = name, namespace }) => new Issued(name, secretName, namespace),
  trust: (namespace) => ({ configMap: "internal-ca", ready: new Issued(`trust-${namespace}`, "", namespace) }),
};

export interface Wish {
  readonly listen?: Partial<ListenerFacts>;
  readonly size?: Partial<DataPlaneSize>;
  readonly use?: (gateway: PublicGateway, backend: Backend & { readonly namespace: DomainNamespace }) => void;
}

export type Args = DataPlaneSize & { readonly charts: object; readonly namespaces: Namespaces };

/** A gateway with this data plane, and what is done with it. */
export function gatewayWith(plane: (args: Args) => DataPlane, { listen, size, use }: Wish): Promise<Recorder> {
  return record(() => {
    const namespaces = new Namespaces({ environment: "dev" }, {});
    const sized = { replicas: 2, size: "small", proxyProtocol: true, ...size } as const;
    const gateway = new PublicGateway("gateway", {
      namespace: namespaces.get("gateway"),
      dataPlane: plane({ ...sized, charts: {}, namespaces }),
      listen: {
        domain: "example.com",
        certificates: "wildcard",
        hosts: ["flows.example.com"],
        tcpPorts: [],
        http: true,
        ...listen,
      },
      certificates,
      loadBalancer: {
        hetznerName: "test-gateway",
        type: "lb11",
        location: "fsn1",
        privateIp: "10.0.0.5",
        proxyProtocol: sized.proxyProtocol,
        public: true,
      },
    });
    use?.(gateway, {
      identity: { name: "flows", instance: "flows", component: "app", domain: "apps" },
      namespace: namespaces.get("apps"),
      service: "flows",
      port: 8080,
      pods: { namespace: "apps", labels: { app: "flows" }, instance: "flows" },
    });
  });
}
