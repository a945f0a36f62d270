/** Hetzner's limit for a server's user data. */
export const MAX_USER_DATA_BYTES = 32 * 1024;

/** @throws when the user data is larger than the Hetzner API takes. The data itself is never in the message. */
export function checkedUserData(server: string, data: string): string {
  const bytes = Buffer.byteLength(data);
  if (bytes > MAX_USER_DATA_BYTES) {
    throw new Error(
      `User data of server "${server}" is ${bytes} bytes; Hetzner takes at most ${MAX_USER_DATA_BYTES} ` +
        `(${bytes - MAX_USER_DATA_BYTES} too many). It is the machine config, already compressed: remove entries from ` +
        "talos.sysctls, kubernetesApi.extraSans, access.adminCidrs or the pool's labels.",
    );
  }
  return data;
}
