import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { sizeProblem } from "./claim-size";
import { type Identity, labels, metadata } from "./labels";
import { claimSpec, type PersistentVolume } from "./volumes";

/** A volume of each pod, as its StatefulSet's claim template names it. */
export type ClaimedVolume = Pick<PersistentVolume, "name" | "storageGiB" | "storageClass" | "setting">;

export interface ClaimsArgs {
  /** Whose data it is: the claims' labels, by which a service's data is found when it is gone. */
  readonly identity: Identity;
  readonly namespace: string;
  /** Name of the StatefulSet whose pods use the claims. @default the identity's instance */
  readonly statefulSet?: string;
  /** Pods. More of them get claims of the present size; fewer leave theirs behind. */
  readonly replicas: number;
  /** Claim templates of the StatefulSet, with the size that the claims shall have. */
  readonly volumes: readonly ClaimedVolume[];
}

/**
 * The claims of a StatefulSet, as resources of their own: the StatefulSet takes the ones that have the names it would
 * give, and its own template can never be changed. So a larger size is a change of the claims, in place, that a preview
 * shows. A smaller one is refused in the preview. Nothing here is ever deleted: a claim that leaves the program stays in
 * the cluster with its data, and is taken over when it comes back. Make them before the StatefulSet.
 */
export function createClaims(
  name: string,
  args: ClaimsArgs,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.PersistentVolumeClaim[] {
  if (args.volumes.length === 0) return [];
  const hooks = { beforeUpdate: [onlyGrows(`${name}-only-grows`, args.volumes)] };
  return args.volumes.flatMap((volume) =>
    Array.from({ length: args.replicas }, (_, ordinal) => {
      const claim = claimName(volume.name, args.statefulSet ?? args.identity.instance, ordinal);
      return new k8s.core.v1.PersistentVolumeClaim(claim, claimObject(claim, volume, args), {
        ...opts,
        hooks,
        retainOnDelete: true,
        // A claim keeps its class while it lives; a new one is for new claims.
        ignoreChanges: ["spec.accessModes", "spec.storageClassName"],
      });
    }),
  );
}

/** The name by which the StatefulSet's controller looks for the claim of a pod. */
export function claimName(volume: string, statefulSet: string, ordinal: number): string {
  return `${volume}-${statefulSet}-${ordinal}`;
}

/** Labels of a service's claims. A new version of the software changes none of them. */
export function claimLabels(identity: Identity): Record<string, string> {
  return labels({ ...identity, version: undefined });
}

function claimObject(
  claim: string,
  volume: ClaimedVolume,
  { identity, namespace }: ClaimsArgs,
): k8s.core.v1.PersistentVolumeClaimArgs {
  return {
    metadata: metadata(
      { ...identity, version: undefined },
      {
        name: claim,
        namespace,
        annotations: {
          // Nothing is bound before the first pod is there, and the pod comes after the claim.
          "pulumi.com/skipAwait": "true",
          // Kept from a time when the service was on before: whoever wrote it then is not there any more.
          "pulumi.com/patchForce": "true",
        },
      },
    ),
    spec: claimSpec(volume),
  };
}

/** Asks of each change of a claim whether its volume can follow; in a preview too, so that nothing has happened yet. */
function onlyGrows(name: string, volumes: readonly ClaimedVolume[]): pulumi.ResourceHook {
  return new pulumi.ResourceHook(
    name,
    ({ name: claim, oldInputs, newInputs }) => {
      const volume = volumes.find((each) => claim.startsWith(`${each.name}-`));
      const problem = sizeProblem(claim, oldInputs, newInputs, volume?.setting);
      if (problem !== undefined) throw new Error(problem);
    },
    { onDryRun: true },
  );
}
