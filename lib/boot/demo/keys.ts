import { createHmac, hkdfSync } from "node:crypto";
import { newApiKey } from "#lib/auth/api-key";

/**
 * Returns a function that derives the demo's keys from the pepper: the same on every start, so that they can be
 * printed again without being stored.
 */
export function demoKeys(pepper: Buffer): (owner: string) => string {
  const secret = Buffer.from(hkdfSync("sha256", pepper, "", "tollgate demo keys v1", 32));
  return (owner) => {
    let block = 0;
    // HMAC in counter mode: a deterministic stream of bytes.
    const stream = (bytes: number) => {
      const blocks: Buffer[] = [];
      for (let made = 0; made < bytes; made += 32) {
        blocks.push(createHmac("sha256", secret).update(`${owner} ${block++}`).digest());
      }
      return Buffer.concat(blocks).subarray(0, bytes);
    };
    return newApiKey("demo", stream);
  };
}
