import { isMap, Unknown } from "../framework";
import type { Connection } from "./cluster";
import type { ProviderSettings } from "./config";
import { isNamespacedByName } from "./discovery";
import {
  apiVersionOf,
  type GroupVersionKind,
  type KubeObject,
  kindOfObject,
  kindOfType,
  namespaceOf,
  parseId,
  withMetadata,
  without,
} from "./objects";

/** Which kind and which namespace the objects of a resource type have. */
export class ObjectScope {
  constructor(
    private readonly type: string,
    private readonly settings: Pick<ProviderSettings, "namespace">,
    private readonly connection: Connection,
  ) {}

  /** An object that names no namespace goes to the provider's, or the kubeconfig's. */
  async withNamespace(inputs: KubeObject): Promise<KubeObject> {
    const namespace = this.connection.cluster?.namespace ?? this.settings.namespace;
    if (namespace === undefined || hasNamespace(inputs)) {
      return inputs;
    }
    return (await this.isNamespaced(inputs)) ? withMetadata(inputs, "namespace", namespace) : inputs;
  }

  /** For comparing: an object without a namespace, where it needs one, is in `default`; else it has none. */
  async canonical(object: KubeObject): Promise<KubeObject> {
    if (!(await this.isNamespaced(object))) {
      return without(object, "metadata", "namespace");
    }
    return hasNamespace(object) ? object : withMetadata(object, "namespace", "default");
  }

  objectOfId(id: string, known: KubeObject): KubeObject {
    const { namespace, name } = parseId(id);
    const gvk = this.kindOf(known);
    return { apiVersion: apiVersionOf(gvk), kind: gvk.kind, metadata: { name, namespace } };
  }

  private async isNamespaced(object: KubeObject): Promise<boolean> {
    const gvk = this.kindOf(object);
    return this.connection.cluster?.discovery.isNamespaced(gvk) ?? isNamespacedByName(gvk);
  }

  /** The object says what it is; where it does not, as on an import, the type does. */
  private kindOf(object: KubeObject): GroupVersionKind {
    const gvk = kindOfObject(object);
    return gvk.kind !== "" && gvk.version !== "" ? gvk : kindOfType(this.type.replace(/Patch$/, ""));
  }
}

/** A namespace that is not known yet is one. */
function hasNamespace(object: KubeObject): boolean {
  const metadata = object["metadata"];
  return (
    metadata instanceof Unknown ||
    (isMap(metadata) && metadata["namespace"] instanceof Unknown) ||
    namespaceOf(object) !== ""
  );
}
