import type { V1Node, V1Service } from "@kubernetes/client-node";
import type { CloudLoadBalancer } from "../hetzner/client";
import type { Context } from "../runtime/context";
import {
  AnnotationError,
  balancerDefaults,
  changesTo,
  ingressOf,
  serviceUidLabel,
  type WantedLoadBalancer,
  wantedLoadBalancer,
} from "./load-balancer";
import type { Session } from "./session";

export const cleanupFinalizer = "service.kubernetes.io/load-balancer-cleanup";

/** One load balancer in the account for each Service of that type. */
export class ServiceReconciler {
  constructor(
    private readonly context: Context,
    private readonly component: string,
  ) {}

  async reconcile(service: V1Service, nodes: readonly V1Node[], session: Session, networkId?: number): Promise<void> {
    const gone = service.metadata?.deletionTimestamp !== undefined || service.spec?.type !== "LoadBalancer";
    if (gone) return this.remove(service, session);
    const defaults = balancerDefaults(session.variable);
    let want: WantedLoadBalancer;
    try {
      want = wantedLoadBalancer(service, nodes, networkId, defaults);
    } catch (error) {
      if (!(error instanceof AnnotationError)) throw error;
      const message = `Error syncing load balancer: failed to ensure load balancer: ${error.message}`;
      return this.context.cluster.event(about(service), "SyncLoadBalancerFailed", message, "Warning", this.component);
    }
    await this.setFinalizers(service, [...withoutCleanup(service), cleanupFinalizer]);
    const balancer = await this.ensure(service, want, session);
    const ingress = ingressOf(service, balancer, defaults);
    if (!sameIngress(service, ingress)) {
      const { namespace, name } = service.metadata!;
      await this.context.cluster.patchServiceStatus(namespace!, name!, { loadBalancer: { ingress } });
      await this.context.cluster.event(
        about(service),
        "EnsuredLoadBalancer",
        "Ensured load balancer",
        "Normal",
        this.component,
      );
    }
  }

  private async ensure(service: V1Service, want: WantedLoadBalancer, session: Session): Promise<CloudLoadBalancer> {
    let balancer = (await this.find(service, session, want.name))[0];
    if (!balancer) {
      const reply = await session.cloud.change<{ load_balancer: CloudLoadBalancer }>("POST", "/load_balancers", {
        name: want.name,
        load_balancer_type: want.type,
        algorithm: { type: want.algorithm },
        labels: { [serviceUidLabel]: service.metadata!.uid },
        ...(want.location ? { location: want.location } : { network_zone: want.networkZone }),
      });
      balancer = await this.get(reply.load_balancer.id, session);
    }
    const calls = changesTo(balancer, want);
    for (const { path, body } of calls) {
      await session.cloud.change("POST", `/load_balancers/${balancer.id}/${path}`, body);
    }
    return calls.length > 0 ? this.get(balancer.id, session) : balancer;
  }

  private async remove(service: V1Service, session: Session): Promise<void> {
    for (const { id } of await this.find(service, session)) await session.cloud.remove(`/load_balancers/${id}`);
    await this.setFinalizers(service, withoutCleanup(service));
    if (service.metadata?.deletionTimestamp === undefined && service.status?.loadBalancer?.ingress) {
      const { namespace, name } = service.metadata!;
      await this.context.cluster.patchServiceStatus(namespace!, name!, { loadBalancer: { ingress: null } });
    }
  }

  /** By the label that the controller sets; a load balancer that the program made first is adopted by its name. */
  private async find(service: V1Service, session: Session, name?: string): Promise<CloudLoadBalancer[]> {
    const query = { label_selector: `${serviceUidLabel}=${service.metadata!.uid}` };
    const labelled = await session.cloud.list<CloudLoadBalancer>("load_balancers", query);
    if (labelled.length > 0 || name === undefined) return labelled;
    const [named] = await session.cloud.list<CloudLoadBalancer>("load_balancers", { name });
    if (!named) return [];
    const labels = { ...named.labels, [serviceUidLabel]: service.metadata!.uid };
    await session.cloud.change("PUT", `/load_balancers/${named.id}`, { labels });
    return [named];
  }

  private async get(id: number, session: Session): Promise<CloudLoadBalancer> {
    const reply = await session.cloud.get<{ load_balancer: CloudLoadBalancer }>(`/load_balancers/${id}`);
    if (!reply) throw new Error(`load balancer ${id} disappeared while it was being set up`);
    return reply.load_balancer;
  }

  private async setFinalizers(service: V1Service, finalizers: string[]): Promise<void> {
    const { namespace, name, resourceVersion, finalizers: have = [] } = service.metadata!;
    if (have.length === finalizers.length && have.every((finalizer) => finalizers.includes(finalizer))) return;
    await this.context.cluster.merge({
      apiVersion: "v1",
      kind: "Service",
      metadata: { namespace, name, resourceVersion, finalizers },
    });
  }
}

function withoutCleanup(service: V1Service): string[] {
  return (service.metadata?.finalizers ?? []).filter((finalizer) => finalizer !== cleanupFinalizer);
}

function about(service: V1Service): V1Service {
  return { apiVersion: "v1", kind: "Service", metadata: service.metadata };
}

function sameIngress(service: V1Service, ingress: { ip?: string; hostname?: string }[]): boolean {
  const text = (list: { ip?: string; hostname?: string }[]) => list.map(({ ip, hostname }) => ip ?? hostname).join();
  return text(service.status?.loadBalancer?.ingress ?? []) === text(ingress);
}
