import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";

/** RFC 7914 with OWASP's minimum of memory: 128·N·r = 32 MiB and some 100 ms per attempt. */
const COST = { N: 2 ** 15, r: 8, p: 1 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** The limit for parameters in a stored hash: a manipulated row must not exhaust memory. */
const MAX_MEMORY_BYTES = 128 * 1024 * 1024;

const STORED_SHAPE = /^scrypt\$(\d{1,8})\$(\d{1,3})\$(\d{1,3})\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)$/;

type StoredHash = { N: number; r: number; p: number; salt: Buffer; hash: Buffer };

/** Compared with if there is no hash, so that an unknown e-mail takes as long as a wrong password. */
const PLACEHOLDER: StoredHash = { ...COST, salt: Buffer.alloc(SALT_BYTES), hash: Buffer.alloc(HASH_BYTES) };

/** Returns `scrypt$N$r$p$salt$hash` for `users.password_hash`, with salt and hash in base64. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, { ...COST, salt, hash: Buffer.alloc(HASH_BYTES) });
  return ["scrypt", COST.N, COST.r, COST.p, salt.toString("base64"), hash.toString("base64")].join("$");
}

/**
 * Whether the password matches the stored hash. Without a valid hash (an unknown e-mail, a user without a password) it
 * does the same work and returns false, so that timing reveals nothing.
 */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const known = stored === null ? null : parse(stored);
  const expected = known ?? PLACEHOLDER;
  const actual = await derive(password, expected);
  return timingSafeEqual(actual, expected.hash) && known !== null;
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
