import type { Props } from "../../framework/rule";
import { containers } from "../../kubernetes/objects";

/** An object that a pod cannot start without, or a route cannot speak TLS without. */
export interface Reference {
  kind: "ConfigMap" | "Secret" | "ServiceAccount" | "PriorityClass" | "PersistentVolumeClaim";
  name: string;
  /** For messages. */
  where: string;
}

/** What the field names, unless it is optional. */
function named(kind: Reference["kind"], ref: Props | undefined, key: string, where: string): Reference[] {
  return ref?.[key] === undefined || ref.optional === true ? [] : [{ kind, name: String(ref[key]), where }];
}

function ofVolume(volume: Props): Reference[] {
  const where = `volume ${volume.name}`;
  return [
    ...named("ConfigMap", volume.configMap, "name", where),
    ...named("Secret", volume.secret, "secretName", where),
    ...named("PersistentVolumeClaim", volume.persistentVolumeClaim, "claimName", where),
    ...((volume.projected?.sources ?? []) as Props[]).flatMap((source) => [
      ...named("ConfigMap", source.configMap, "name", where),
      ...named("Secret", source.secret, "name", where),
    ]),
  ];
}

function ofContainer(path: string, container: Props): Reference[] {
  return [
    ...((container.env ?? []) as Props[]).flatMap(({ name, valueFrom }) => [
      ...named("Secret", valueFrom?.secretKeyRef, "name", `${path}.env ${name}`),
      ...named("ConfigMap", valueFrom?.configMapKeyRef, "name", `${path}.env ${name}`),
    ]),
    ...((container.envFrom ?? []) as Props[]).flatMap(({ secretRef, configMapRef }) => [
      ...named("Secret", secretRef, "name", `${path}.envFrom`),
      ...named("ConfigMap", configMapRef, "name", `${path}.envFrom`),
    ]),
  ];
}

/** Everything that a pod needs to be there. Throws at what is not known yet. */
export const referencesOf = (spec: Props): Reference[] => [
  ...((spec.volumes ?? []) as Props[]).flatMap(ofVolume),
  ...containers(spec).flatMap(({ path, container }) => ofContainer(path, container)),
  ...((spec.imagePullSecrets ?? []) as Props[]).flatMap((ref) => named("Secret", ref, "name", "imagePullSecrets")),
  ...named("ServiceAccount", spec, "serviceAccountName", "serviceAccountName"),
  ...named("PriorityClass", spec, "priorityClassName", "priorityClassName"),
];

const PROXY_SECRET = "nginx.ingress.kubernetes.io/proxy-ssl-secret";

/** The authorities behind the certificates of backends, by `group/Kind` of what names them. */
export const authoritiesOf: Readonly<Record<string, (props: Props, namespace: string) => Reference[]>> = {
  "gateway.networking.k8s.io/BackendTLSPolicy": ({ spec }) =>
    ((spec?.validation?.caCertificateRefs ?? []) as Props[]).flatMap((ref, index) => {
      const where = `spec.validation.caCertificateRefs[${index}]`;
      return ref.kind === "ConfigMap" || ref.kind === "Secret" ? named(ref.kind, ref, "name", where) : [];
    }),
  "networking.k8s.io/Ingress": ({ metadata }, namespace) => {
    const [first = "", name] = String(metadata?.annotations?.[PROXY_SECRET] ?? "").split("/");
    // A Secret of another namespace is refused by the controller, as one that is not there.
    return name === undefined
      ? []
      : [{ kind: "Secret", name: first === namespace ? name : `${first}/${name}`, where: PROXY_SECRET }];
  },
};
