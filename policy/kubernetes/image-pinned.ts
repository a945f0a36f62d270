import type { Rule } from "../framework/rule";
import { containers, isWorkload, podSpec } from "./objects";

/** The tag of an image reference; a colon before the last slash belongs to the registry's port. */
export function imageTag(image: string): string | undefined {
  const [reference = ""] = image.split("@");
  const last = reference.slice(reference.lastIndexOf("/") + 1);
  return last.includes(":") ? last.slice(last.indexOf(":") + 1) : undefined;
}

export const imagePinned: Rule = {
  name: "image-pinned",
  description: "Every image has a digest or a tag that is a version, never `latest`.",
  severity: "high",
  level: "mandatory",
  remediation: "Name a version, best with its digest: registry/name:version@sha256:...",
  appliesTo: isWorkload,
  check: (subject) =>
    containers(podSpec(subject) ?? {}).flatMap(({ path, container }) => {
      const image = container.image;
      if (image === undefined) return [`${path} has no image`];
      if (/@sha256:[0-9a-f]{64}$/.test(image)) return [];
      const tag = imageTag(image);
      if (tag === undefined) return [`${path} takes ${image}, which has neither tag nor digest`];
      return tag === "latest" ? [`${path} takes ${image}`] : [];
    }),
};
