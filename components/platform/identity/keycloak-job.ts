import type * as pulumi from "@pulumi/pulumi";
import { imageReference, images, imageVersion } from "../../kit/images";
import type { PodIdentity } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";
import type { Variable } from "../../kit/pod";
import { Service } from "../../kit/service";
import { resources } from "../../kit/sizes";
import { ADMIN_KEYS } from "./keycloak-pods";
import { JOB_FILES } from "./keycloak-scripts";

const SOFTWARE = "keycloak-setup";

/** How the Jobs reach Keycloak. */
export interface KeycloakAccess {
  /** `http://host:port` inside the cluster. */
  readonly url: string;
  readonly realm: string;
  /** Secret with the administrator's name and password, in the namespace of the Jobs. */
  readonly adminSecret: string;
}

export interface KeycloakJobArgs {
  readonly namespace: DomainNamespace;
  readonly access: KeycloakAccess;
  readonly script: string;
  /** Files beside the script; a change of any of them runs the Job again. Nothing secret. */
  readonly files: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, Variable>>;
}

/** Sets something up in Keycloak, with Keycloak's own command-line client. Running it twice changes nothing. */
export function createKeycloakJob(
  name: string,
  { namespace, access, script, files, environment }: KeycloakJobArgs,
  opts: pulumi.ComponentResourceOptions,
): Service {
  return new Service(
    name,
    {
      kind: "Job",
      software: SOFTWARE,
      component: "setup",
      version: imageVersion(images.keycloak),
      namespace,
      image: imageReference(images.keycloak),
      command: ["/bin/bash", `${JOB_FILES}/run.sh`],
      environment: {
        SERVER: access.url,
        REALM: access.realm,
        ADMIN_USER: { secret: access.adminSecret, key: ADMIN_KEYS.user },
        KC_CLI_PASSWORD: { secret: access.adminSecret, key: ADMIN_KEYS.password },
        ...environment,
      },
      resources: resources(100, 192, 384),
      volumes: {
        config: { path: JOB_FILES, files: { "run.sh": script, ...files } },
        scratch: [{ name: "tmp", path: "/tmp", sizeLimitMiB: 64 }],
      },
      runAs: { user: 1000, group: 1000 },
    },
    opts,
  );
}

/** The pods of all those Jobs: one network path is enough. */
export function keycloakJobPods(namespace: string): PodIdentity {
  return { namespace, labels: { "app.kubernetes.io/name": SOFTWARE }, instance: SOFTWARE };
}
