import { createHmac } from "node:crypto";

/** What a token opens, as Qdrant's `access` claim says it: r to read, rw to read and write the points. */
export type TokenAccess = "r" | readonly { readonly collection: string; readonly access: "r" | "rw" }[];

/** A token that Qdrant believes because it is signed with the API key. It has no end: a new API key ends all of them. */
export function accessToken(apiKey: string, access: TokenAccess): string {
  const signed = [{ alg: "HS256", typ: "JWT" }, { access }].map(encoded).join(".");
  return `${signed}.${createHmac("sha256", apiKey).update(signed).digest("base64url")}`;
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
