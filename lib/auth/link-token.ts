import { checksum, randomBase62 } from "./api-key";

const SHAPE = /^[0-9A-Za-z]{38}$/;

/** Creates the secret in a link that works once: 32 random base62 characters and a checksum, like a key's. */
export function newLinkToken(): string {
  const body = randomBase62(32);
  return body + checksum(body);
}

/** Whether a string can be the secret of a link. Others are rejected without a query. */
export const isPlausibleLinkToken = (token: string): boolean =>
  SHAPE.test(token) && token.slice(-6) === checksum(token.slice(0, -6));
