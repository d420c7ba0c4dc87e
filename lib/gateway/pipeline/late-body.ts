import type { GatewayRequest } from "#lib/gateway/ports/exchange";
import type { CountBytes } from "#lib/http/read-body";

/** A body up to this size costs so little that it may be read for a caller that the cache knows. */
const SMALL_BYTES = 65_536;
/** A small body mostly arrives with its head; one that is not here by then is late. */
const LATE_MS = 50;

/** Whether a body is declared to be large: then its caller is read again before a byte of it is. */
export const isLarge = ({ header }: Pick<GatewayRequest, "header">): boolean =>
  Number(header("content-length")) > SMALL_BYTES;

/**
 * Reads a body, and runs `check` once while it arrives if it is late or turns out to be large. The hold judges the
 * callers of all other bodies, so that an ordinary request costs no query for it.
 * @param read reads the body and counts each part as it arrives
 * @throws what `check` or `read` throws first; after that, the next part of the body ends the reading
 */
export function readChecked<T>(
  read: (count: CountBytes) => Promise<T>,
  count: CountBytes,
  check: () => Promise<unknown>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let isChecked = false;
    let rejection: Error | null = null;
    let bytes = 0;
    const checkOnce = () => {
      if (isChecked) return;
      isChecked = true;
      check().catch((error) => {
        rejection = error;
        reject(error);
      });
    };
    // What has arrived while the process was busy is seen before the check.
    const timer = setTimeout(() => setImmediate(checkOnce), LATE_MS);
    const end = () => {
      clearTimeout(timer);
      isChecked = true;
    };
    const counted: CountBytes = (added, part) => {
      if (rejection !== null) throw rejection;
      bytes += added;
      if (bytes > SMALL_BYTES) checkOnce();
      count(added, part);
    };
    read(counted).finally(end).then(resolve, reject);
  });
}
