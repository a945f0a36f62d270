import { describe, expect, it } from "vitest";
import { AUTHORITY_FILE } from "../../../../../components/kit/authority";
import {
  authentikServer,
  authentikSetup,
  authentikWorker,
} from "../../../../../components/platform/identity/authentik-pods";
import { keycloakPods } from "../../../../../components/platform/identity/keycloak-pods";

const database = { host: "postgres-rw.db.svc", port: 5432, database: "people", secretName: "people" };
const keycloak = (caConfigMap?: string) =>
  keycloakPods({
    replicas: 1,
    size: "small",
    host: "auth.example.com",
    database: { ...database, caConfigMap },
    adminSecret: "admin",
  });

describe("the way of the identity provider to its database", () => {
  it("is checked by the authority's certificate, which is there", () => {
    const { environment, volumes } = keycloak("internal-ca");
    expect(environment?.["KC_DB_URL"]).toMatch(
      new RegExp(`/people\\?sslmode=verify-full&sslrootcert=${AUTHORITY_FILE}$`),
    );
    const [mounted] = volumes?.configMaps ?? [];
    expect(mounted?.configMap).toBe("internal-ca");
    expect(AUTHORITY_FILE).toBe(`${mounted?.path}/ca.crt`);
  });

  it("is encrypted where there is no authority to check it by", () => {
    const { environment, volumes } = keycloak();
    expect(environment?.["KC_DB_URL"]).toMatch(/\?sslmode=require$/);
    expect(volumes?.configMaps).toEqual([]);
  });

  it.each([
    ["server", authentikServer],
    ["worker", authentikWorker],
    [
      "setup",
      ({ access }: { access: Parameters<typeof authentikSetup>[0] }) =>
        authentikSetup(access, { file: "a.yaml", text: "" }, {}),
    ],
  ] as const)("is checked by Authentik's %s too", (_, pods) => {
    const access = { database: { ...database, caConfigMap: "internal-ca" }, secretName: "authentik" };
    const { environment, volumes } = pods({ access, replicas: 1, size: "small" });
    expect(environment).toMatchObject({
      AUTHENTIK_POSTGRESQL__SSLMODE: "verify-full",
      AUTHENTIK_POSTGRESQL__SSLROOTCERT: AUTHORITY_FILE,
    });
    expect(volumes?.configMaps?.map(({ configMap }) => configMap)).toEqual(["internal-ca"]);
  });
});
