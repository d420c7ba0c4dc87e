import { createHmac, randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { derivedSecrets, type HashingSecrets } from "./derived-secrets";
import { COST } from "./password-cost";

const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** The limit for parameters in a stored hash: a manipulated row must not exhaust memory. */
const MAX_MEMORY_BYTES = 128 * 1024 * 1024;

const STORED_SHAPE = /^scrypt\$(\d{1,8})\$(\d{1,3})\$(\d{1,3})\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)$/;

type StoredHash = { N: number; r: number; p: number; salt: Buffer; hash: Buffer };

/** The work of a hash if there is none: an unknown e-mail takes as long as a wrong password. */
const PLACEHOLDER: StoredHash = { ...COST, salt: Buffer.alloc(SALT_BYTES), hash: Buffer.alloc(HASH_BYTES) };

/** A password that a person chooses. */
export const NewPassword = z
  .string()
  .min(8, "At least 8 characters.")
  // Longer ones are not hashed: a megabyte would cost a second of CPU.
  .max(1024, "At most 1024 characters.")
  // Each half of a pair of surrogates is hashed as U+FFFD, so that they would be the same password.
  .regex(/^\P{Cs}*$/u, "Use whole characters only.");

/**
 * The salt of an e-mail address, ignoring case: the same for each account that has it, so that one derivation checks
 * all of them, and a sign-in takes as long for one account as for several. Derived from a secret, so that it
 * cannot be computed in advance.
 * @param secrets of the installation, or the ENCRYPTION_KEY that they are derived from
 */
export function passwordSalt(secrets: HashingSecrets | string, email: string): Buffer {
  const { passwordSaltKey } = typeof secrets === "string" ? derivedSecrets(secrets) : secrets;
  return createHmac("sha256", passwordSaltKey).update(email.toLowerCase()).digest().subarray(0, SALT_BYTES);
}

/** Returns `scrypt$N$r$p$salt$hash` for `accounts.password_hash`, with salt and hash in base64. */
export async function hashPassword(
  password: string,
  salt: Buffer = randomBytes(SALT_BYTES),
): Promise<string> {
  const hash = await derive(password, { ...COST, salt, hash: Buffer.alloc(HASH_BYTES) });
  return hashStart(salt) + hash.toString("base64");
}

/** How the hashes begin that `hashPassword` makes with this salt. */
export const hashStart = (salt: Buffer): string =>
  ["scrypt", COST.N, COST.r, COST.p, salt.toString("base64"), ""].join("$");

/** Whether the password matches the stored hash, in the same time without one. */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const expected = stored === null ? null : parse(stored);
  const actual = await derive(password, expected ?? PLACEHOLDER);
  return expected !== null && timingSafeEqual(actual, expected.hash);
}

function parse(stored: string): StoredHash | null {
  const match = STORED_SHAPE.exec(stored);
  if (match === null) return null;
  const [N, r, p] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const [salt, hash] = [Buffer.from(match[4] ?? "", "base64"), Buffer.from(match[5] ?? "", "base64")];
  const isPowerOfTwo = N > 1 && Number.isInteger(Math.log2(N));
  if (!isPowerOfTwo || r < 1 || p < 1 || 128 * N * r > MAX_MEMORY_BYTES || hash.length < 16) return null;
  return { N, r, p, salt, hash };
}

function derive(password: string, { N, r, p, salt, hash }: StoredHash): Promise<Buffer> {
  // Node's default limit is exactly the memory for N = 2^15, but scrypt needs slightly more.
  const options: ScryptOptions = { N, r, p, maxmem: MAX_MEMORY_BYTES * 2 };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFKC"), salt, hash.length, options, (error, derived) =>
      error === null ? resolve(derived) : reject(error),
    );
  });
}
