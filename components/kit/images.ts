/** A pinned container image. */
export interface ImagePin {
  /** Registry and repository. */
  readonly name: string;
  readonly tag: string;
  /** `sha256:...`; wins over the tag where it is known. @default - the tag alone */
  readonly digest?: string;
}

/** Every image that the program names itself (charts bring their own), in one table that Renovate reads. */
export const images = {
  /** Standard flavour: PostgreSQL with pgvector, pgAudit and all locales. */
  postgres: {
    name: "ghcr.io/cloudnative-pg/postgresql",
    // renovate: datasource=docker depName=ghcr.io/cloudnative-pg/postgresql versioning=docker
    tag: "18.4-standard-trixie",
  },
  /** Unprivileged flavour: its files belong to user 1000. */
  qdrant: {
    name: "docker.io/qdrant/qdrant",
    // renovate: datasource=docker depName=qdrant/qdrant versioning=docker
    tag: "v1.19.0-unprivileged",
  },
  localPathProvisioner: {
    name: "docker.io/rancher/local-path-provisioner",
    // renovate: datasource=docker depName=rancher/local-path-provisioner versioning=docker
    tag: "v0.0.36",
  },
  /** Makes and removes the directories of local volumes. */
  busybox: {
    name: "docker.io/library/busybox",
    // renovate: datasource=docker depName=busybox versioning=docker
    tag: "1.37.0",
  },
} as const satisfies Record<string, ImagePin>;

/** The reference that goes into a pod: `name:tag`, with `@digest` where it is known. */
export function imageReference(image: ImagePin): string {
  const tagged = `${image.name}:${image.tag}`;
  return image.digest === undefined ? tagged : `${tagged}@${image.digest}`;
}

/** The version label of an image: its tag up to the flavour, without a leading v. */
export function imageVersion(image: ImagePin): string {
  return image.tag.replace(/^v/, "").split("-")[0]!;
}
