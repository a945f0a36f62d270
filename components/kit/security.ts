/** User and group that a container runs as. */
export interface RunAs {
  readonly user: number;
  readonly group: number;
  /** Group that owns the volumes. @default the group */
  readonly fsGroup?: number;
}

/** Nobody: for images that need no user of their own. */
export const NOBODY: RunAs = { user: 65532, group: 65532 };

/** The pod's half of the restricted Pod Security level. */
export function podSecurityContext(runAs: RunAs) {
  return {
    runAsNonRoot: true,
    runAsUser: runAs.user,
    runAsGroup: runAs.group,
    fsGroup: runAs.fsGroup ?? runAs.group,
    // Large volumes are not walked at every start when their root already has the right owner.
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  };
}

/** The container's half; the root file system is read-only unless a declared exception says otherwise. */
export function containerSecurityContext(readOnlyRootFilesystem: boolean, bindsLowPorts = false) {
  return {
    allowPrivilegeEscalation: false,
    privileged: false,
    readOnlyRootFilesystem,
    runAsNonRoot: true,
    // The one capability that the restricted level knows.
    capabilities: { drop: ["ALL"], ...(bindsLowPorts ? { add: ["NET_BIND_SERVICE"] } : {}) },
    seccompProfile: { type: "RuntimeDefault" },
  };
}
