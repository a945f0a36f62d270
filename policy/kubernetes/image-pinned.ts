import type { Rule } from "../framework/rule";
import { containers, isWorkload, podSpec } from "./objects";

/** The tag of an image reference; a colon before the last slash belongs to the registry's port. */
export function imageTag(image: string): string | undefined {
  const [reference = ""] = image.split("@");
  const last = reference.slice(reference.lastIndexOf("/") + 1);
  return last.includes(":") ? last.slice(last.indexOf(":") + 1) : undefined;
}

/** The reference with its registry: without one it is Docker Hub's, as every container runtime has it. */
export function fullReference(image: string): string {
  const [first = "", ...rest] = image.split("/");
  const isRegistry = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  if (isRegistry) return image;
  return rest.length > 0 ? `docker.io/${image}` : `docker.io/library/${image}`;
}

/** What is wrong with an image reference. */
function findings(image: string, { digests, registries }: { digests: string; registries: string[] }): string[] {
  const wrong: string[] = [];
  if (registries.length > 0 && !registries.some((prefix) => fullReference(image).startsWith(prefix))) {
    wrong.push(`takes ${image}, which is from none of ${registries.join(", ")}`);
  }
  if (/@sha256:[0-9a-f]{64}$/.test(image)) return wrong;
  const tag = imageTag(image);
  if (digests === "required") wrong.push(`takes ${image}, which has no digest`);
  else if (tag === undefined) wrong.push(`takes ${image}, which has neither tag nor digest`);
  else if (tag === "latest") wrong.push(`takes ${image}`);
  return wrong;
}

export const imagePinned: Rule = {
  name: "image-pinned",
  description:
    "Every image has a digest or a tag that is a version, never `latest`, and is from a registry of the list.",
  severity: "high",
  level: "mandatory",
  remediation: "Name a version, best with its digest: registry/name:version@sha256:...",
  config: {
    properties: {
      digests: {
        type: "string",
        enum: ["optional", "required"],
        default: "optional",
        description: "Whether a version's tag is enough.",
      },
      registries: {
        type: "array",
        items: { type: "string" },
        default: [],
        description: "What a reference may begin with, e.g. `ghcr.io/acme/`. Empty: anything.",
      },
    },
  },
  appliesTo: isWorkload,
  check: (subject, { digests = "optional", registries = [] }) =>
    containers(podSpec(subject) ?? {}).flatMap(({ path, container }) =>
      container.image === undefined
        ? [`${path} has no image`]
        : findings(container.image, { digests, registries }).map((wrong) => `${path} ${wrong}`),
    ),
};
